import ArgumentParser
import Notice
import SystemCalls

/// A time as a person gives it: RFC 3339 in UTC, or how long ago: `90s`, `15m`, `2h`, `3d`.
struct PointInTime: Sendable {
  let timestamp: Timestamp

  /// An option's value.
  static func read(_ argument: String) throws -> PointInTime {
    let now = LinuxSystemCalls().realtimeNanoseconds() / 1_000_000
    guard let point = PointInTime(argument, now: now) else {
      throw ValidationError(
        "expected a time, 2026-11-22T06:48:32Z, or how long ago: 90s, 15m, 2h, 3d")
    }
    return point
  }

  /// `now` in milliseconds since 1970.
  init?(_ text: String, now: Int64) {
    if let timestamp = Timestamp(rfc3339: text) {
      self.timestamp = timestamp
      return
    }
    let seconds: Int64
    switch text.last {
    case "s": seconds = 1
    case "m": seconds = 60
    case "h": seconds = 3600
    case "d": seconds = 86400
    default: return nil
    }
    guard let count = Int64(text.dropLast()), (0...36_500_00).contains(count) else { return nil }
    timestamp = Timestamp(milliseconds: now - count * seconds * 1000)
  }
}
