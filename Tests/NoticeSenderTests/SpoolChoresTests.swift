import Foundation
import Logging
import Spool
import TestSupport
import Testing

@testable import NoticeSender

struct SpoolChoresTests {
  @Test func `the archive is looked through at once, and not at every turn`() throws {
    let temporary = try TemporaryDirectory()
    let directory = SpoolDirectory("\(temporary.path)/spool")
    let system = FaultySystemCalls()
    try directory.create(system)
    let old = "\(directory.archive)/000001-20200101T000000Z.ndjson.gz"
    func age() throws {
      try Data().write(to: URL(fileURLWithPath: old))
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -10 * 86400)], ofItemAtPath: old)
    }
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let settings = ArchiveSettings(form: .gzip, daysMax: 9)
    var chores = SpoolChores(directory, settings, system, log)
    try age()
    chores.run([nil])
    #expect(!FileManager.default.fileExists(atPath: old))
    for _ in 1...5 { chores.run([nil]) }
    #expect(system.count("list", directory.archive) == 1)
    // New settings count at once.
    try age()
    chores.use(settings)
    chores.run([nil])
    #expect(!FileManager.default.fileExists(atPath: old))
    #expect(system.count("list", directory.archive) == 2)
  }
}
