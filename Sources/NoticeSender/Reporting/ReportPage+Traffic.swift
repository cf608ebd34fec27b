import Notice

/// How many messages came when.
extension ReportPage {
  /// As many as stay apart on a telephone.
  private static let barsMax = 180

  var traffic: HTML {
    let spanMinutes = max(1, (report.hours * 60 + Self.barsMax - 1) / Self.barsMax)
    let count = report.hours * 60 / spanMinutes
    let values = report.traffic.counts(until: report.time, spanMinutes: spanMinutes, count: count)
      .map { Double($0) / Double(spanMinutes) }
    return section(
      "Messages per minute, \(span.english)", "每分钟消息数，\(span.chinese)",
      ReportChart.bars(
        values, labels: hours(spanMinutes: spanMinutes, count: count),
        description: "<title>messages per minute · 每分钟消息数</title>") + "\n")
  }

  /// Round hours of local time, and at midnight the day that begins, at the bars that they fall into: six at most.
  private func hours(spanMinutes: Int, count: Int) -> [(place: Int, text: String)] {
    let steps = [1, 2, 3, 6, 12, 24, 48]
    let step = steps.first { $0 * 6 >= report.hours } ?? 48
    let end = report.time.milliseconds / Traffic.minuteMilliseconds + 1
    var days = 0
    return (0..<count).compactMap { place in
      let minute = end - Int64((count - place) * spanMinutes)
      // Of the minutes in this bar's span, the one at which an hour begins.
      for later in 0..<Int64(spanMinutes) {
        let time = LocalTime.text(
          Timestamp(milliseconds: (minute + later) * Traffic.minuteMilliseconds))
        let clock = time.dropFirst(11)
        guard clock.dropFirst(3).hasPrefix("00"), let hour = Int(clock.prefix(2)),
          hour % min(step, 24) == 0
        else { continue }
        if hour == 0 { days += 1 }
        if step > 24, days % (step / 24) != 0 { return nil }
        return (place, String(hour == 0 ? time.dropFirst(5).prefix(5) : clock.prefix(5)))
      }
      return nil
    }
  }
}
