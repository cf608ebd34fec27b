import Foundation
import Glibc
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

struct ImportTests {
  private let fixture: SenderFixture

  init() throws {
    fixture = try SenderFixture()
  }

  private func take(_ path: String) throws -> Import.Outcome {
    var work = Import(fixture.directory, fixture.system)
    try work.take(try LineSource(path: path, fixture.system), name: "in") { _ in }
    return work.outcome
  }

  @Test func `bodies become records, and what is no JSON is kept`() throws {
    let path = "\(fixture.temporary.path)/in.ndjson"
    try """
    {"data": {"messageId": "1"}}

    {"data":{"messageId":"2"}}\r
    no
    [1.10, 2]
    """.write(toFile: path, atomically: false, encoding: .utf8)
    let outcome = try take(path)
    #expect(outcome.bodies == 3 && outcome.refused == 1 && outcome.records == 0)
    let records = try fixture.records()
    try #require(records.count == 3)
    #expect(records.map(\.kind) == [.message, .message, .other])
    #expect(String(decoding: records[2].body, as: UTF8.self) == "[1.10,2]")
    #expect(records[0].string(.path) == "import/in")
    let kept = try String(
      contentsOfFile: "\(fixture.directory.quarantine)/refused.ndjson", encoding: .utf8)
    #expect(kept.contains(#""file":"in""#) && kept.contains(#""text":"no""#))
  }

  @Test(arguments: [SegmentArchive.Form.plain, .gzip])
  func `lines of a spool keep their id and time`(_ form: SegmentArchive.Form) throws {
    let other = try SenderFixture()
    try other.append(0..<40)
    let receiver = try HTTPReceiver()
    #expect(try other.once([other.http(receiver)], archive: form))
    let before = try other.records()
    for folder in [other.directory.archive, other.directory.segments] {
      for name in try other.files(folder) where SegmentName(name) != nil {
        #expect(try take("\(folder)/\(name)").bodies == 0)
      }
    }
    let after = try fixture.records()
    #expect(after.map(\.line) == before.map(\.line))
  }

  @Test func `what could not be written is told, and how much was`() throws {
    let path = "\(fixture.temporary.path)/in.ndjson"
    try "[1]\n[2]\n".write(toFile: path, atomically: false, encoding: .utf8)
    let faulty = FaultySystemCalls()
    faulty.failAlways("write", "segments", errno: ENOSPC)
    var work = Import(fixture.directory, faulty)
    let error = #expect(throws: Import.Interrupted.self) {
      try work.take(try LineSource(path: path, fixture.system), name: "in") { _ in }
    }
    #expect(error?.durable == 0)
    #expect(error?.description.hasPrefix("stopped after 0 records were taken in: ") == true)
  }

  @Test func `a line whose checksum does not fit is a body like any other`() throws {
    try fixture.append(0..<1)
    let record = try fixture.records()[0]
    let path = "\(fixture.temporary.path)/in.ndjson"
    let text = String(decoding: record.line, as: UTF8.self)
      .replacingOccurrences(of: "GET", with: "PUT")
    try (text + "\n").write(toFile: path, atomically: false, encoding: .utf8)
    #expect(try take(path).bodies == 1)
    let records = try fixture.records()
    #expect(records.count == 2 && records[1].id != record.id)
  }
}
