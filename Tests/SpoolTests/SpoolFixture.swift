import Foundation
import JSONText
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

/// A spool in a directory of its own, the lines to put into it, and a look at what is in it that does not go
/// through the code under test.
struct SpoolFixture {
  let home: TemporaryDirectory
  let directory: SpoolDirectory
  var settings = SpoolSettings()

  init() throws {
    home = try TemporaryDirectory()
    directory = SpoolDirectory(home.path + "/spool")
    settings.reservationBytes = 256 << 10
  }

  func writer(_ system: any SystemCalls = FaultySystemCalls(syncing: .skipped)) -> SpoolWriter {
    SpoolWriter(directory, settings, system)
  }

  /// A record whose body is `{"n":number,…}`, made longer by `padding` bytes.
  static func line(_ number: Int, padding: Int = 0) -> [UInt8] {
    let body = "{\"n\":\(number),\"p\":\"\(String(repeating: "x", count: padding))\"}"
    return try! NoticeRecord.line(
      for: JSONText(validating: Array(body.utf8)), kind: .other,
      request: ReceivedRequest(remote: "192.0.2.1", method: "POST", path: "/notice"),
      receivedAt: 1_795_330_112_123_000_000, random: UInt64(number))
  }

  static func number(of record: NoticeRecord) throws -> Int {
    let object = try JSONSerialization.jsonObject(with: Data(record.body)) as? [String: Any]
    return try #require(object?["n"] as? Int)
  }

  var segmentNames: [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: directory.segments)
    return (names ?? []).sorted()
  }

  func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  func segment(_ index: Int) throws -> [UInt8] {
    try bytes("\(directory.segments)/\(segmentNames[index])")
  }

  /// The numbers of all records, segment after segment; every line has to be whole.
  func numbers() throws -> [Int] {
    try segmentNames.flatMap { name -> [Int] in
      let bytes = try bytes("\(directory.segments)/\(name)")
      #expect(bytes.isEmpty || bytes.last == 0x0A)
      return try bytes.split(separator: 0x0A).map { line in
        try Self.number(of: NoticeRecord(line: Array(line).span))
      }
    }
  }

  /// The entries of a file in quarantine, oldest first, as objects.
  func quarantine(_ file: String) throws -> [[String: String]] {
    guard let text = try? bytes("\(directory.quarantine)/\(file)") else { return [] }
    return try text.split(separator: 0x0A).map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
      return try #require(object).mapValues { "\($0)" }
    }
  }

  /// Appends to a file as no writer would.
  func append(_ bytes: [UInt8], to path: String) throws {
    let handle = try #require(FileHandle(forWritingAtPath: path))
    defer { try? handle.close() }
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(bytes))
  }
}

extension SpoolReader {
  /// Everything up to the end: the records' numbers, and what else was told.
  mutating func readAll() throws -> (numbers: [Int], told: [String]) {
    var numbers: [Int] = []
    var told: [String] = []
    while true {
      switch try read() {
      case .record(let record, let next):
        #expect(next == self.next)
        numbers.append(try SpoolFixture.number(of: record))
      case .damaged(_, in: let name, let reason, let next):
        #expect(next == self.next)
        told.append("\(name.number): \(reason)")
      case .missing(let reason, let next):
        #expect(next == self.next)
        told.append(reason)
      case .end: return (numbers, told)
      }
    }
  }
}
