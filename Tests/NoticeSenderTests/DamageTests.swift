import Foundation
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

/// Files of a spool cut short at every byte, changed at every byte, and gone: it is told, what is damaged is kept, all else
/// arrives.
@Suite(.serialized) struct DamageTests {
  private let fixture: SenderFixture
  private let receiver: HTTPReceiver
  private var settings: DestinationSettings { fixture.http(receiver) }
  private var statePath: String { "\(fixture.directory.state)/d0.json" }

  init() throws {
    fixture = try SenderFixture()
    receiver = try HTTPReceiver()
  }

  // MARK: What is done to files

  private func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private func write(_ bytes: [UInt8], _ path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  private func empty(_ folder: String) throws {
    for name in try fixture.files(folder) {
      try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
  }

  /// The next segment begins with these.
  private func appendToNewSegment(_ numbers: Range<Int>) throws {
    var settings = SpoolSettings()
    settings.segmentBytesMax = 1
    let writer = SpoolWriter(fixture.directory, settings, fixture.system)
    try writer.append(fixture.lines(numbers)[0])
    try fixture.append(numbers.dropFirst())
  }

  /// The message ids that come while `body` runs.
  private func delivered(_ body: () throws -> Void) throws -> [String] {
    let before = receiver.requestCount
    try body()
    return receiver.messageIDs(from: before)
  }

  /// The damaged bytes in quarantine, one after the other.
  private func quarantined() throws -> [UInt8] {
    let path = "\(fixture.directory.quarantine)/damaged.ndjson"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
    return try text.split(separator: "\n").flatMap { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      if let text = object?["text"] as? String { return Array(text.utf8) }
      return [UInt8](try #require(Data(base64Encoded: object?["base64"] as? String ?? "")))
    }
  }

  // MARK: The state

  /// The checkpoint before it has two of three records.
  private func prepareState() throws -> (state: [UInt8], previous: [UInt8]) {
    try fixture.append(0..<2)
    try LaneRun.once(settings, in: fixture.directory)
    let previous = try bytes(statePath)
    try fixture.append(2..<3)
    try LaneRun.once(settings, in: fixture.directory)
    #expect(receiver.messageIDs.sorted() == ["0", "1", "2"])
    return (try bytes(statePath), previous)
  }

  @Test func `a state file damaged at any byte costs repeats of what came after the one before`()
    throws
  {
    let sound = try prepareState()
    // Whatever ends the line, the line is the same.
    let variants = Damage.variants(of: sound.state, sparing: 1)
    for (number, damaged) in variants.enumerated() {
      try write(damaged, statePath)
      try write(sound.previous, statePath + ".previous")
      var said: [String] = []
      let ids = try delivered { said = try LaneRun.once(settings, in: fixture.directory) }
      #expect(ids == ["2"], "variant \(number)")
      #expect(
        said.contains {
          $0.hasPrefix("error: \(statePath) is damaged and was set aside as \(statePath).damaged")
        }, "variant \(number): \(said)")
      #expect(try bytes(statePath + ".damaged") == damaged, "variant \(number)")
      #expect(try fixture.checkpoint().counts.delivered == 3)
      #expect(try fixture.findings() == [], "variant \(number)")
    }
  }

  @Test func `where the one before is damaged as well, all that is in the spool comes again`()
    throws
  {
    let sound = try prepareState()
    for length in stride(from: 0, to: sound.previous.count - 1, by: 9) {
      try write(Array(sound.state.prefix(length)), statePath)
      try write(Array(sound.previous.prefix(length)), statePath + ".previous")
      var said: [String] = []
      let ids = try delivered { said = try LaneRun.once(settings, in: fixture.directory) }
      #expect(ids.sorted() == ["0", "1", "2"], "cut to \(length)")
      #expect(said.count { $0.contains("is damaged and was set aside as") } == 2)
      #expect(try fixture.findings() == [], "cut to \(length)")
    }
  }

  /// Whatever is damaged of one destination, the others go on as if nothing were.
  @Test func `a damaged state of one destination is nothing to another`() throws {
    let other = try HTTPReceiver()
    try fixture.append(0..<3)
    #expect(try fixture.once([settings, fixture.http(other, name: "d1")]))
    try write(Array("{".utf8), statePath)
    try write([], statePath + ".previous")
    try fixture.append(3..<5)
    #expect(try fixture.once([settings, fixture.http(other, name: "d1")]))
    #expect(other.messageIDs.sorted() == ["0", "1", "2", "3", "4"])
    #expect(Set(receiver.messageIDs) == ["0", "1", "2", "3", "4"])
  }

  // MARK: Segments

  /// A new beginning, with these bytes as the first segment.
  private func onceFromStart(_ segment: [UInt8], _ path: String) throws -> (
    ids: [String], said: [String]
  ) {
    try empty(fixture.directory.state)
    try empty(fixture.directory.quarantine)
    try write(segment, path)
    var said: [String] = []
    let ids = try delivered { said = try LaneRun.once(settings, in: fixture.directory) }
    return (ids.sorted(), said)
  }

  @Test func `a segment cut at any byte costs what is cut off, and the next is read`() throws {
    try fixture.append(0..<3, isShort: true)
    try appendToNewSegment(3..<4)
    let names = try fixture.directory.segmentNames(fixture.system)
    let path = fixture.directory.segment(names[0])
    let sound = try bytes(path)
    for length in 0...sound.count {
      let cut = Array(sound.prefix(length))
      let lines = cut.count { $0 == 0x0A }
      let torn = Array(cut.suffix(from: cut.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0))
      let (ids, said) = try onceFromStart(cut, path)
      #expect(ids == (0..<lines).map { "\($0)" } + ["3"], "cut to \(length)")
      #expect(try quarantined() == torn, "cut to \(length)")
      let line = "error: \(names[0]): \(torn.count) bytes are no record and were passed over: "
      #expect(
        said.contains(line + "the segment's last line was never finished") == !torn.isEmpty,
        "cut to \(length): \(said)")
      #expect(try fixture.findings() == [], "cut to \(length)")
    }
  }

  @Test func `a line changed at any byte is kept, and no other is lost`() throws {
    try fixture.append(0..<3, isShort: true)
    try appendToNewSegment(3..<4)
    let names = try fixture.directory.segmentNames(fixture.system)
    let path = fixture.directory.segment(names[0])
    let sound = try bytes(path)
    let lines = sound.split(separator: 0x0A)
    let start = lines[0].count + 1
    for offset in 0...lines[1].count {
      var damaged = sound
      damaged[start + offset] ^= 1 << (offset % 8)
      let (ids, said) = try onceFromStart(damaged, path)
      // Without its newline, it and the next are one.
      let isJoined = offset == lines[1].count
      #expect(ids == (isJoined ? ["0", "3"] : ["0", "2", "3"]), "byte \(offset)")
      let end = isJoined ? sound.count - 1 : start + lines[1].count
      #expect(
        try quarantined() == damaged[start..<end].filter { $0 != 0x0A }, "byte \(offset)")
      #expect(
        said.contains { $0.hasPrefix("error: \(names[0]): ") && $0.contains("were passed over: ") },
        "byte \(offset): \(said)")
      #expect(try fixture.findings() == [], "byte \(offset)")
    }
  }

  // MARK: What is gone

  @Test func `a missing segment is told, whether it was being read or not yet`() throws {
    for number in 0..<4 { try appendToNewSegment(number..<number + 1) }
    let names = try fixture.directory.segmentNames(fixture.system)
    #expect(names.count == 4)
    try FileManager.default.removeItem(atPath: fixture.directory.segment(names[1]))
    var said: [String] = []
    let ids = try delivered { said = try LaneRun.once(settings, in: fixture.directory) }
    #expect(ids.sorted() == ["0", "2", "3"])
    #expect(
      said == [
        "error: there is nothing between segment 1 and \(names[2]): never begun, or taken away by hand"
      ])
    // The one that it stands in.
    try appendToNewSegment(4..<5)
    try FileManager.default.removeItem(atPath: fixture.directory.segment(names[3]))
    let more = try delivered { said = try LaneRun.once(settings, in: fixture.directory) }
    #expect(more == ["4"])
    #expect(said.count == 1)
    #expect(said[0].hasPrefix("error: segment 4 is gone; reading goes on in 000005-"))
  }

  @Test func `a pending record whose segment is gone is counted, and the others go on`() throws {
    let system = LaneRun.system()
    let isAway = try HTTPReceiver { request in
      String(decoding: request.body, as: UTF8.self).contains("\"messageId\":\"1\"")
        ? .status(500) : .ok
    }
    for number in 0..<3 { try appendToNewSegment(number..<number + 1) }
    let settings = fixture.http(isAway)
    try LaneRun.once(settings, in: fixture.directory, system)
    let pending = try #require(try fixture.checkpoint().unsettled.first).position
    let names = try fixture.directory.segmentNames(fixture.system)
    #expect(pending == SpoolPosition(segment: names[1].number, offset: 0))
    try FileManager.default.removeItem(atPath: fixture.directory.segment(names[1]))
    try appendToNewSegment(3..<4)
    let said = try LaneRun.once(settings, in: fixture.directory, system)
    #expect(
      said.contains("error: the record at \(pending) was pending and is not there any more"))
    let counts = try fixture.checkpoint().counts
    #expect(counts.delivered == 3 && counts.lost == 1)
    #expect(
      try fixture.findings().contains("1 records were pending and could not be read any more"))
  }
}
