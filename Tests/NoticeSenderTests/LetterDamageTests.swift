import Delivery
import Foundation
import Glibc
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

/// Files of letters, cut at every byte and with every bit of one letter flipped: nothing traps, no other letter is lost, and the
/// damaged bytes are kept.
struct LetterDamageTests {
  private let fixture: SenderFixture
  private var dead: String { fixture.letters().path }
  private var inbox: String { "\(fixture.directory.state)/d0.requeue.ndjson" }

  init() throws {
    fixture = try SenderFixture()
    try fixture.append(0..<4)
  }

  private func bytes(_ path: String) -> [UInt8] {
    Array(FileManager.default.contents(atPath: path) ?? Data())
  }

  private func put(_ bytes: [UInt8], _ path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  /// Three letters; returns their lines with their newlines.
  private func bury() throws -> [[UInt8]] {
    for record in try fixture.records().prefix(3) {
      try fixture.letters().append(
        record, attempts: 1, outcome: .refused(reason: "no"), isReplay: false)
    }
    return bytes(dead).split(separator: 0x0A).map { Array($0) + [0x0A] }
  }

  private var quarantined: String {
    String(decoding: bytes("\(fixture.directory.quarantine)/damaged.ndjson"), as: UTF8.self)
  }

  @Test func `a file of dead letters cut anywhere keeps those before, and the next one`() throws {
    let lines = try bury()
    let all = Array(lines.joined())
    let record = try fixture.records()[3]
    for length in stride(from: 0, through: all.count, by: 7) {
      try put(Array(all[..<length]), dead)
      try? FileManager.default.removeItem(
        atPath: "\(fixture.directory.quarantine)/damaged.ndjson")
      try fixture.letters().append(
        record, attempts: 1, outcome: .refused(reason: "no"), isReplay: false)
      let whole = lines.indices.filter { lines[...$0].joined().count <= length }
      let ids = try fixture.deadIDs()
      #expect(ids == (try fixture.records()).prefix(whole.count).map(\.id) + [record.id])
      let rest = all[..<length].dropFirst(whole.map { lines[$0].count }.reduce(0, +))
      let kept = quarantined
      #expect(rest.isEmpty == kept.isEmpty, "\(length)")
      if !rest.isEmpty { #expect(kept.contains(#""bytes":\#(rest.count)"#)) }
    }
  }

  @Test func `a flipped bit costs no other letter, and its line stays through every move`() throws {
    let lines = try bury()
    let ids = try fixture.deadIDs()
    let newline = lines[1].count - 1
    let places = Array(stride(from: 0, to: lines[1].count, by: 11)) + [newline]
    for place in places {
      for bit in place == newline ? Array(UInt8(0)..<8) : [UInt8(place % 8)] {
        var damaged = lines[1]
        damaged[place] ^= 1 << bit
        try put(lines[0] + damaged + lines[2], dead)
        try? FileManager.default.removeItem(atPath: inbox)
        // Where the newline between two is damaged, both are there; where the letter's text is, it may be as well.
        let seen = try fixture.deadIDs()
        #expect(seen.contains(ids[0]) && seen.contains(ids[2]), "byte \(place), bit \(bit)")
        if place == newline { #expect(seen == ids) }
        #expect(try fixture.letters().requeue(.ids([ids[0], ids[2]])) == 2)
        #expect(
          try DeadLetters.keys(of: inbox, fixture.system).map(\.id) == [ids[0], ids[2]])
        let left = bytes(dead)
        let expected = place == newline ? Array(lines[1].dropLast()) : Array(damaged)
        #expect(left.filter { $0 != 0x0A } == expected.filter { $0 != 0x0A })
      }
    }
  }

  @Test func `a damaged requeue file delivers the others and keeps what it cannot`() throws {
    let lines = try bury()
    let records = try fixture.records()
    let receiver = try HTTPReceiver()
    try fixture.once([fixture.http(receiver)])
    // In the letter's own text, in the record, in the newline between two, and without the last one's newline.
    let newline = lines[0].count - 1
    for (place, isWhole) in [(2, false), (lines[0].count / 2, false), (newline, true)] {
      var damaged = lines[0]
      damaged[place] ^= 1
      try put([], dead)
      try put(damaged + lines[1] + lines[2], inbox)
      let before = receiver.requestCount
      for _ in 0..<3 { try fixture.once([fixture.http(receiver)]) }
      let delivered = Set(receiver.messageIDs[before...])
      #expect(delivered == (isWhole ? ["0", "1", "2"] : ["1", "2"]), "\(place)")
      #expect(quarantined.contains("requeue."))
    }
    #expect(records.count == 4)
    let work = "\(fixture.directory.state)/d0.requeue.99.ndjson"
    try put(lines[0] + lines[1].dropLast(), work)
    let before = receiver.requestCount
    try fixture.once([fixture.http(receiver)])
    #expect(Set(receiver.messageIDs[before...]) == ["0", "1"])
    try put(lines[0] + lines[1].dropLast(9), "\(fixture.directory.state)/d0.requeue.120.ndjson")
    try fixture.once([fixture.http(receiver)])
    #expect(quarantined.contains("requeue.120.ndjson"))
  }
}
