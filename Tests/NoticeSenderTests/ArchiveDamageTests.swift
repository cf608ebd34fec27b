import Foundation
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

/// What lies beside the segments, cut at every byte and with flipped bits: nothing traps, and the rest is as it was.
struct ArchiveDamageTests {
  private let fixture: SenderFixture

  init() throws { fixture = try SenderFixture() }

  private func bytes(_ path: String) -> [UInt8] {
    Array(FileManager.default.contents(atPath: path) ?? Data())
  }

  private func put(_ bytes: [UInt8], _ path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  /// All cuts, and one bit of each byte.
  private func damages(_ intact: [UInt8], every step: Int = 1) -> [[UInt8]] {
    stride(from: 0, to: intact.count, by: step).flatMap { place in
      var flipped = intact
      flipped[place] ^= 1 << UInt8(place / step % 8)
      return [Array(intact[..<place]), flipped]
    }
  }

  @Test func `a damaged archive gives only records that were in it, and replay takes the others`()
    throws
  {
    try fixture.append(0..<30)
    let receiver = try HTTPReceiver()
    try fixture.once([fixture.http(receiver)])
    let names = try fixture.files(fixture.directory.archive)
    #expect(names.count >= 2)
    let path = "\(fixture.directory.archive)/\(names[0])"
    let intact = bytes(path)
    let all = Set(try fixture.records().map(\.id))
    let others = try fixture.records().count - lines(path).count
    for damaged in damages(intact, every: 5) {
      try put(damaged, path)
      #expect(lines(path).allSatisfy(all.contains))
      let replay = try Replay(selection: RecordSelection()).run(
        to: "d0", in: fixture.directory, isDry: true, fixture.system)
      #expect(replay.count >= others)
      var found = 0
      _ = try RecordSearch(selection: RecordSelection(), isOfDead: false)
        .run(fixture.directory, fixture.system) { _ in found += 1 }
      #expect(found == replay.count)
      // A cut between two lines of the content cannot be, as the whole has a checksum.
      if damaged.count < intact.count { #expect(replay.damaged.count == 1 || damaged.isEmpty) }
    }
    try put(intact, path)
    #expect(try fixture.findings() == [])
  }

  private func lines(_ path: String) -> [String] {
    guard let source = try? LineSource(path: path, fixture.system) else { return [] }
    var ids: [String] = []
    while let line = try? source.next() {
      if let record = try? NoticeRecord(line: line.span) { ids.append(record.id) }
    }
    return ids
  }

  @Test(arguments: ["d0.health", "d0.duplicates", "d0.delivered", "archived.ndjson"])
  func `a damaged file of state stops nothing`(name: String) throws {
    let receiver = try HTTPReceiver()
    var settings = fixture.http(receiver)
    settings.suppressesDuplicates = true
    try fixture.append(0..<20)
    try fixture.once([settings])
    let path = "\(fixture.directory.state)/\(name)"
    if name == "d0.delivered" {
      try put(Array("spool 1 0 \(try fixture.records()[0].id)\n".utf8), path)
    }
    let intact = bytes(path)
    #expect(!intact.isEmpty)
    var random = SeededGenerator(seed: 9)
    for (number, damaged) in damages(intact).shuffled(using: &random).prefix(40).enumerated() {
      try put(damaged, path)
      var backlog = Backlog(fixture.directory, fixture.system)
      _ = try SpoolStatus(fixture.directory, backlog: &backlog, fixture.system).text
      _ = try fixture.audit()
      guard number % 8 == 0 else { continue }
      // Something new gets through.
      let next = 100 + number
      try fixture.append(next..<next + 1)
      #expect(try fixture.once([settings]))
      #expect(receiver.messageIDs.contains("\(next)"))
    }
  }

  @Test func `a damaged quarantine takes what comes next, and keeps what was whole`() throws {
    let quarantine = Quarantine(.refused, fixture.directory, SpoolSettings(), fixture.system)
    let path = "\(fixture.directory.quarantine)/refused.ndjson"
    for text in ["one", "two"] {
      try quarantine.keep(
        QuarantineEntry(reason: "test", bytes: Array(text.utf8), origin: .file(text)),
        syncing: false)
    }
    let intact = bytes(path)
    let first = (intact.firstIndex(of: 0x0A) ?? 0) + 1
    for damaged in damages(intact) {
      try put(damaged, path)
      try quarantine.keep(
        QuarantineEntry(reason: "test", bytes: [], origin: .file("three")), syncing: false)
      let after = bytes(path)
      if damaged.prefix(first) == intact.prefix(first) {
        #expect(after.starts(with: intact.prefix(first)))
      }
      #expect(
        String(decoding: after, as: UTF8.self).hasSuffix("\"three\",\"bytes\":0,\"text\":\"\"}\n"))
    }
  }
}
