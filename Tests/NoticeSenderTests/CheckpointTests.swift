import Foundation
import Logging
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

struct CheckpointTests {
  private let temporary: TemporaryDirectory
  private let directory: SpoolDirectory
  private let store: CheckpointStore

  init() throws {
    temporary = try TemporaryDirectory()
    directory = SpoolDirectory("\(temporary.path)/spool")
    try directory.create(LinuxSystemCalls())
    store = CheckpointStore(
      "crm", directory, LinuxSystemCalls(), Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private var path: String { "\(directory.state)/crm.json" }

  private func checkpoint(_ delivered: Int) -> Checkpoint {
    var checkpoint = Checkpoint(
      destination: "crm", position: SpoolPosition(segment: 42, offset: 4711))
    checkpoint.counts.delivered = delivered
    checkpoint.unsettled = [
      .init(
        position: SpoolPosition(segment: 41, offset: 99), failures: 2,
        firstFailureAt: Timestamp(milliseconds: 1_762_489_591_123),
        nextAttemptAt: Timestamp(milliseconds: 1_762_489_891_456), othersDelivered: true),
      .init(position: SpoolPosition(segment: 42, offset: 7), failures: 0),
    ]
    return checkpoint
  }

  @Test func `what is saved is loaded`() throws {
    try store.save(checkpoint(7))
    #expect(try store.load() == checkpoint(7))
    #expect(checkpoint(7).segmentNeeded == 41)
  }

  @Test func `without a checkpoint it begins at the oldest segment`() throws {
    #expect(try store.load().position == SpoolPosition(segment: 0, offset: 0))
  }

  @Test func `a checkpoint damaged at any byte gives the one before, and is kept`() throws {
    try store.save(checkpoint(1))
    try store.save(checkpoint(2))
    let intact = try Data(contentsOf: URL(fileURLWithPath: path))
    let previous = try Data(contentsOf: URL(fileURLWithPath: path + ".previous"))
    for index in intact.indices.dropLast() {
      var damaged = intact
      damaged[index] ^= 1
      try damaged.write(to: URL(fileURLWithPath: path))
      #expect(try store.load() == checkpoint(1))
      #expect(try Data(contentsOf: URL(fileURLWithPath: path + ".damaged")) == damaged)
    }
    for length in 0..<intact.count - 1 {
      try intact.prefix(length).write(to: URL(fileURLWithPath: path))
      #expect(try store.load() == checkpoint(1))
    }
    // Both damaged: all that is in the spool is delivered again.
    try Data("{".utf8).write(to: URL(fileURLWithPath: path))
    try previous.dropFirst().write(to: URL(fileURLWithPath: path + ".previous"))
    #expect(try store.load().position.segment == 0)
  }

  @Test func `a checkpoint of a later version is an error, not a new beginning`() throws {
    var later = checkpoint(1)
    later.version = 2
    try store.save(later)
    #expect(throws: UnusableCheckpoint.self) { try store.load() }
  }

  @Test func `a later version is told even where nothing else of it is known`() throws {
    var later = Array(#"{"places":["elsewhere"],"position":"somewhere","version":2"#.utf8)
    ChecksumSeal.close(&later)
    try Data(later + [0x0A]).write(to: URL(fileURLWithPath: path))
    #expect(throws: UnusableCheckpoint.self) { try store.load() }
    #expect(FileManager.default.contents(atPath: path) == Data(later + [0x0A]))
  }

  @Test(arguments: [
    (#""offset":4711"#, #""offset":-1"#), (#""offset":4711"#, #""offset":9223372036854775807"#),
    (#""delivered":7"#, #""delivered":9223372036854775807"#), (#""failures":2"#, #""failures":-2"#),
  ])
  func `figures that none can have are damage`(right: String, wrong: String) throws {
    let line = String(decoding: try checkpoint(7).encoded(), as: UTF8.self)
    let end = try #require(line.range(of: #","crc32c""#)).lowerBound
    #expect(line.contains(right))
    var changed = Array(line[..<end].replacingOccurrences(of: right, with: wrong).utf8)
    ChecksumSeal.close(&changed)
    #expect(throws: (any Error).self) { try Checkpoint(decoding: changed + [0x0A]) }
  }
}
