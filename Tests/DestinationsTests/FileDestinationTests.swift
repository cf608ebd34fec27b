import Delivery
import Foundation
import Notice
import SystemCalls
import TestSupport
import Testing

@testable import Destinations

@Suite(.timeLimit(.minutes(15))) struct FileDestinationTests {
  let parent: TemporaryDirectory
  let directory: String
  let system = FaultySystemCalls()

  init() throws {
    parent = try TemporaryDirectory()
    directory = "\(parent.path)/notices"
    // 2026-11-22T06:48:32Z, whatever the real time is.
    advance(to: 1_795_330_112)
  }

  func advance(to seconds: Int64) {
    system.advance(seconds: Double(seconds) - Double(system.realtimeNanoseconds()) / 1e9)
  }

  func destination(
    _ rotation: FileSettings.Rotation = .hour, body: BodyForm = .record
  ) -> FileDestination {
    var settings = FileSettings(directory: directory)
    settings.rotation = rotation
    settings.body = body
    return FileDestination(settings, system)
  }

  func records(_ range: Range<Int>) throws -> [NoticeRecord] {
    try range.map { try TestRecord.of("{\"n\":\($0)}", number: UInt64($0)) }
  }

  func text(_ records: [NoticeRecord], _ form: BodyForm = .record) -> String {
    records.map { String(decoding: form.bytes(of: $0), as: UTF8.self) + "\n" }.joined()
  }

  func content(_ name: String) throws -> String {
    try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
  }

  var names: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: directory))?.sorted() ?? []
  }

  let hour = "notices-20261122T06Z.ndjson"

  func reason(_ outcomes: [DeliveryOutcome?]) throws -> String {
    guard case .failed(let reason) = outcomes.first, Set(outcomes.map { "\($0 as Any)" }).count == 1
    else { throw TestFailure("not all failed alike: \(outcomes)") }
    return reason
  }

  @Test(arguments: BodyForm.allCases)
  func `records are lines of the hour's file`(form: BodyForm) throws {
    let records = try records(0..<50)
    #expect(destination(body: form).outcomes(of: records).allSatisfy { $0 == .delivered })
    #expect(names == [hour])
    #expect(try content(hour) == text(records, form))
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(hour)")
    #expect((attributes[.posixPermissions] as? Int).map { $0 & ~0o640 } == 0)
  }

  @Test func `all that wait are one write and one sync, and the names are durable first`() throws {
    let destination = destination()
    #expect(destination.outcomes(of: try records(0..<500)).allSatisfy { $0 == .delivered })
    #expect(system.count("write", hour) == 1)
    #expect(system.count("fdatasync", hour) == 1)
    let log = system.log
    let synced = log.filter { $0.name == "fsync" }.map(\.path)
    #expect(synced == ["\(parent.path)/", "\(directory)/"])
    #expect(
      try #require(log.lastIndex { $0.name == "fsync" })
        < #require(log.firstIndex { $0.name == "write" }))
    system.clearLog()
    #expect(destination.outcomes(of: try records(500..<600)).allSatisfy { $0 == .delivered })
    #expect(system.log.map(\.name) == ["lstat", "write", "fdatasync"])
  }

  @Test func `a file that is let go of is free, whoever has it open still`() throws {
    let records = try records(0..<2)
    var first: FileDestination? = destination()
    #expect(first?.outcome(of: records[0]) == .delivered)
    let other = try duplicateDescriptor(of: "\(directory)/\(hour)")
    defer { close(other) }
    first = nil
    #expect(destination().outcome(of: records[1]) == .delivered)
  }

  @Test func `an hour or a day has a file of its own`() throws {
    let records = try records(0..<4)
    var hourly: FileDestination? = destination()
    for (record, seconds) in zip(records, [1_795_330_112, 1_795_330_500, 1_795_330_800] as [Int64])
    {
      advance(to: seconds)
      #expect(hourly?.outcome(of: record) == .delivered)
    }
    #expect(names == [hour, "notices-20261122T07Z.ndjson"])
    let last = Timestamp(milliseconds: 1_795_330_799_999)
    #expect(DatedFile.name(at: last, .hour) == hour)
    #expect(try content(hour) == text(Array(records[0...1])))
    #expect(try content("notices-20261122T07Z.ndjson") == text([records[2]]))
    hourly = nil
    #expect(destination(.day).outcome(of: records[3]) == .delivered)
    #expect(try content("notices-20261122.ndjson") == text([records[3]]))
  }

  @Test(arguments: [
    ("", ""), ("\n", "\n"), ("{\"torn", ""), ("{}\n{\"torn", "{}\n"), ("{}\n", "{}\n"),
  ])
  func `a line that was never finished is cut off, in this hour's file and in the one before`(
    found: String, kept: String
  ) throws {
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    let long = found.hasPrefix("{\"torn") ? found + String(repeating: "x", count: 200_000) : found
    for name in [hour, "notices-20261122T05Z.ndjson"] {
      try long.write(toFile: "\(directory)/\(name)", atomically: false, encoding: .utf8)
    }
    let record = try records(0..<1)
    #expect(destination().outcomes(of: record) == [.delivered])
    #expect(try content(hour) == kept + text(record))
    try FileManager.default.removeItem(atPath: "\(directory)/\(hour)")
    #expect(destination().outcomes(of: record) == [.delivered])
    #expect(try content("notices-20261122T05Z.ndjson") == kept)
  }

  @Test(arguments: ["write", "fdatasync"], [0, 3])
  func `a failure takes nothing, leaves nothing, and the next try delivers`(
    call: String, before: Int
  ) throws {
    let destination = destination()
    let records = try records(0..<20)
    _ = destination.outcomes(of: Array(records[..<before]))
    // A disk that is full takes a part, and then no more.
    if call == "write" { system.cut("write", hour, to: 1000) }
    system.fail(call, hour, call: call == "write" ? 2 : 1, errno: ENOSPC)
    let rest = Array(records[before...])
    #expect(
      try reason(destination.outcomes(of: rest))
        == "\(call) \(directory)/\(hour): No space left on device")
    #expect(try content(hour) == text(Array(records[..<before])))
    system.heal()
    #expect(destination.outcomes(of: rest).allSatisfy { $0 == .delivered })
    #expect(try content(hour) == text(records))
  }

  @Test func `whichever call fails, lines stay whole and the next try delivers`() throws {
    var failures = 0
    for number in 1...40 {
      let path = "\(parent.path)/\(number)"
      let destination = FileDestination(FileSettings(directory: path), system)
      system.fail(nil, path, call: number, errno: EIO)
      let records = try records(0..<5)
      let outcomes = destination.outcomes(of: records)
      system.heal()
      if outcomes.first != .delivered {
        failures += 1
        _ = try reason(outcomes)
        #expect(destination.outcomes(of: records).allSatisfy { $0 == .delivered })
      }
      let text = try String(contentsOfFile: "\(path)/\(hour)", encoding: .utf8)
      #expect(text.hasSuffix("\n"))
      let lines = text.split(separator: "\n").map(String.init)
      #expect(Set(lines) == Set(records.map { String(decoding: $0.line, as: UTF8.self) }))
      #expect(lines.count % 5 == 0)
    }
    // Every call of a first delivery, and not the tests' own.
    #expect((8...14).contains(failures), "\(failures)")
    #expect(system.descriptorsOpen == 0)
  }

  @Test func `a file that was taken away is made again`() throws {
    let destination = destination()
    let records = try records(0..<3)
    #expect(destination.outcome(of: records[0]) == .delivered)
    try FileManager.default.moveItem(
      atPath: "\(directory)/\(hour)", toPath: "\(directory)/moved")
    #expect(destination.outcome(of: records[1]) == .delivered)
    #expect(try content(hour) == text([records[1]]))
    try FileManager.default.removeItem(atPath: directory)
    #expect(destination.outcome(of: records[2]) == .delivered)
    #expect(try content(hour) == text([records[2]]))
  }

  @Test func `two destinations do not write to one directory`() throws {
    let records = try records(0..<2)
    let first = destination()
    #expect(first.outcome(of: records[0]) == .delivered)
    #expect(
      try reason([destination().outcome(of: records[1])])
        == "\(directory): another process writes there")
    #expect(try content(hour) == text([records[0]]))
  }

  @Test func `a missing parent is named, and used when it is there`() throws {
    let path = "\(parent.path)/later/notices"
    let destination = FileDestination(FileSettings(directory: path), system)
    let record = try records(0..<1)
    #expect(
      try reason(destination.outcomes(of: record)) == "mkdir \(path)/: No such file or directory")
    try FileManager.default.createDirectory(
      atPath: "\(parent.path)/later", withIntermediateDirectories: true)
    #expect(destination.outcomes(of: record) == [.delivered])
  }

  @Test func `a symbolic link in the file's place is not followed`() throws {
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    let target = "\(parent.path)/target"
    try "mine".write(toFile: target, atomically: false, encoding: .utf8)
    try FileManager.default.createSymbolicLink(
      atPath: "\(directory)/\(hour)", withDestinationPath: target)
    _ = try reason(destination().outcomes(of: try records(0..<1)))
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "mine")
  }
}
