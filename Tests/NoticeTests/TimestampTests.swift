import Foundation
import Notice
import TestSupport
import Testing

struct TimestampTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z", "19700101T000000Z"),
      (1_795_330_112_123, "2026-11-22T06:48:32.123Z", "20261122T064832Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z", "20000229T000000Z"),
      (4_107_542_400_000, "2100-03-01T00:00:00.000Z", "21000301T000000Z"),
      (1_709_251_199_999, "2024-02-29T23:59:59.999Z", "20240229T235959Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z", "99991231T235959Z"),
      (-1, "1969-12-31T23:59:59.999Z", "19691231T235959Z"),
      (-1000, "1969-12-31T23:59:59.000Z", "19691231T235959Z"),
      (-86_400_000, "1969-12-31T00:00:00.000Z", "19691231T000000Z"),
      (-62_167_219_200_000, "0000-01-01T00:00:00.000Z", "00000101T000000Z"),
    ] as [(Int64, String, String)])
  func `a time is written and read`(milliseconds: Int64, rfc3339: String, basic: String) throws {
    let time = Timestamp(milliseconds: milliseconds)
    #expect(time.rfc3339 == rfc3339)
    #expect(time.basic == basic)
    #expect(Timestamp(rfc3339: rfc3339) == time)
    let whole = try #require(Timestamp(basic: basic)).milliseconds
    #expect((0..<1000).contains(milliseconds - whole))
  }

  @Test(arguments: [Int64.max, 253_402_300_800_000, Int64.min, -62_167_219_200_001])
  func `a time that four digits of a year cannot write is held at the nearest`(milliseconds: Int64)
  {
    let expected = milliseconds > 0 ? "9999-12-31T23:59:59.999Z" : "0000-01-01T00:00:00.000Z"
    #expect(Timestamp(milliseconds: milliseconds).rfc3339 == expected)
  }

  /// Against Foundation's calendar, which knows nothing of this arithmetic.
  @Test func `days from 1970 to 9999 come back, leap days among them`() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 0)!
    // A stride that no period of the calendar divides.
    for day in stride(from: 0 as Int64, to: 2_932_897, by: 53) {
      let time = Timestamp(milliseconds: day * 86_400_000 + day % 86_400_000)
      if Timestamp(rfc3339: time.rfc3339) != time { Issue.record("\(time.rfc3339)") }
      let parts = calendar.dateComponents(
        [.year, .month, .day], from: Date(timeIntervalSince1970: Double(day * 86400)))
      let (year, month, dayOfMonth) = (parts.year!, parts.month!, parts.day!)
      #expect(
        time.basic.prefix(8) == String(format: "%04d%02d%02d", year, month, dayOfMonth))
    }
  }

  @Test(
    arguments: [
      ("2026-11-22T06:48:32Z", 0), ("2026-11-22T06:48:32.1Z", 100),
      ("2026-11-22T06:48:32.12Z", 120),
      ("2026-11-22T06:48:32.123Z", 123),
    ] as [(String, Int64)])
  func `a fraction has up to three digits`(text: String, fraction: Int64) {
    #expect(Timestamp(rfc3339: text)?.milliseconds == 1_795_330_112_000 + fraction)
  }

  @Test(arguments: [
    "", "Z", "2026-11-22", "2026-11-22T06:48:32", "2026-11-22 06:48:32Z", "2026-11-22T06:48:32.Z",
    "2026-11-22T06:48:32.1234Z", "2026-11-22T06:48:32+08:00", "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
    "2026-01-01T00:00:0xZ", "+026-01-01T00:00:00Z", "2026-11-22T06:48:3²Z",
    "2026-11-22T06:48:32,123Z",
  ])
  func `what is no time is refused`(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
    #expect(
      Timestamp(basic: text.filter { !"-:".contains($0) }) == nil || text.contains(/3[,.+]|2$/))
  }

  @Test(arguments: [
    "20261122T064832", "20261122064832Z", "20261122T064832ZZ", "2026-1122T06483Z",
    "20260231T000000Z",
  ])
  func `what is no basic time is refused`(text: String) {
    #expect(Timestamp(basic: text) == nil)
  }
}
