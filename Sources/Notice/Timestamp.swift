/// A point in time, in milliseconds since 1970, UTC: written as RFC 3339 and as file names carry it.
package struct Timestamp: Sendable, Hashable, Comparable {
  package let milliseconds: Int64

  package init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// "2026-11-22T06:48:32.123Z"; years beyond 9999, which RFC 3339 cannot write, are held at 9999.
  package var rfc3339: String {
    var text = Array("0000-00-00T00:00:00.000Z".utf8)
    write(to: &text, at: 0)
    return String(decoding: text, as: UTF8.self)
  }

  /// The digits of ``rfc3339`` in the place of those that stand there, from `start` on.
  func write(to text: inout [UInt8], at start: Int) {
    let (year, month, day) = Self.civil(fromDays: days)
    let (seconds, milliseconds) = (secondOfDay, Int(held - seconds * 1000))
    var text = text.mutableSpan
    Self.write(year / 100, at: start, of: &text)
    Self.write(year % 100, at: start + 2, of: &text)
    Self.write(month, at: start + 5, of: &text)
    Self.write(day, at: start + 8, of: &text)
    Self.write(seconds / 3600, at: start + 11, of: &text)
    Self.write(seconds / 60 % 60, at: start + 14, of: &text)
    Self.write(seconds % 60, at: start + 17, of: &text)
    Self.write(milliseconds / 10, at: start + 20, of: &text)
    text[start + 22] = UInt8(ascii: "0") + UInt8(milliseconds % 10)
  }

  /// "20261122T064832Z", the basic form of ISO 8601 without a fraction.
  package var basic: String {
    let (year, month, day) = Self.civil(fromDays: days)
    var bytes = Array("00000000T000000Z".utf8)
    var text = bytes.mutableSpan
    Self.write(year / 100, at: 0, of: &text)
    Self.write(year % 100, at: 2, of: &text)
    Self.write(month, at: 4, of: &text)
    Self.write(day, at: 6, of: &text)
    Self.write(secondOfDay / 3600, at: 9, of: &text)
    Self.write(secondOfDay / 60 % 60, at: 11, of: &text)
    Self.write(secondOfDay % 60, at: 13, of: &text)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads what ``basic`` writes.
  package init?(basic text: some StringProtocol) {
    let bytes = Array(text.utf8)
    self.init(basic: bytes.span)
  }

  package init?(basic text: Span<UInt8>) {
    guard text.count == 16, text[8] == UInt8(ascii: "T"), text[15] == UInt8(ascii: "Z"),
      // No leap second.
      text[13] < UInt8(ascii: "6")
    else { return nil }
    self.init(text, month: 4, day: 6, hour: 9, minute: 11, second: 13, milliseconds: 0)
  }

  /// Reads what ``rfc3339`` writes: UTC, with or without a fraction of up to three digits.
  package init?(rfc3339 text: some StringProtocol) {
    let bytes = Array(text.utf8)
    self.init(rfc3339: bytes.span)
  }

  package init?(rfc3339 text: Span<UInt8>) {
    let end = text.count - 1
    guard end >= 19, text[end] == UInt8(ascii: "Z"), text[4] == UInt8(ascii: "-"),
      text[7] == UInt8(ascii: "-"), text[10] == UInt8(ascii: "T"),
      text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":")
    else { return nil }
    var milliseconds = 0
    if end > 19 {
      guard text[19] == UInt8(ascii: "."), (21...23).contains(end),
        let fraction = Self.number(text, at: 20..<end)
      else { return nil }
      milliseconds = end == 23 ? fraction : end == 22 ? fraction * 10 : fraction * 100
    }
    self.init(
      text, month: 5, day: 8, hour: 11, minute: 14, second: 17, milliseconds: milliseconds)
  }

  /// The year in the first four bytes, two digits at each of the places.
  private init?(
    _ text: Span<UInt8>, month: Int, day: Int, hour: Int, minute: Int, second: Int,
    milliseconds: Int
  ) {
    guard let year = Self.number(text, at: 0..<4),
      let month = Self.number(text, at: month..<month + 2),
      let day = Self.number(text, at: day..<day + 2),
      let hour = Self.number(text, at: hour..<hour + 2),
      let minute = Self.number(text, at: minute..<minute + 2),
      let second = Self.number(text, at: second..<second + 2),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
    else { return nil }
    let days = Self.days(year: year, month: month, day: day)
    // 31 April would be 1 May.
    guard Self.civil(fromDays: days).day == day else { return nil }
    let seconds = Int64(days) * 86400 + Int64(hour * 3600 + minute * 60 + second)
    self.init(milliseconds: seconds * 1000 + Int64(milliseconds))
  }

  /// Within the years 0 to 9999, which four digits can write.
  private var held: Int64 { min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999) }
  private var seconds: Int64 { held >= 0 ? held / 1000 : (held - 999) / 1000 }
  private var days: Int { Int((seconds >= 0 ? seconds : seconds - 86399) / 86400) }
  private var secondOfDay: Int { Int(seconds - Int64(days) * 86400) }

  private static func number(_ text: Span<UInt8>, at place: Range<Int>) -> Int? {
    var value = 0
    for index in place {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      value = value * 10 + Int(digit)
    }
    return value
  }

  /// `number`, which is less than 100, in two digits.
  @inline(__always)
  private static func write(_ number: Int, at place: Int, of text: inout MutableSpan<UInt8>) {
    text[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10)
    text[place + 1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10)
  }

  /// The proleptic Gregorian calendar by eras of 400 years that begin on 1 March, so that a leap day is the
  /// last of its year.
  private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let civilMonth = month < 10 ? month + 3 : month - 9
    return (
      yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0), civilMonth,
      dayOfYear - (153 * month + 2) / 5 + 1
    )
  }

  private static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

extension Timestamp: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let time = Timestamp(rfc3339: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no RFC 3339 time")
    }
    self = time
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rfc3339)
  }
}
