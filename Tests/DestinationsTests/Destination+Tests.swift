import Delivery
import Destinations
import Notice

extension Destination {
  /// Delivers one record and waits for its outcome, for a minute at most.
  func outcome(of record: NoticeRecord) -> DeliveryOutcome? {
    outcomes(of: [record]).first ?? nil
  }

  /// Delivers the records, as many at once as the destination takes; their outcomes, in the same order, as far as
  /// there are any, each within a minute of the one before.
  func outcomes(of records: [NoticeRecord]) -> [DeliveryOutcome?] {
    var outcomes = [DeliveryOutcome?](repeating: nil, count: records.count)
    var (begun, ended) = (0, 0)
    var end = ContinuousClock.now + .seconds(60)
    while ended < records.count, ContinuousClock.now < end {
      while begun < records.count, begun - ended < capacity {
        begin(DeliveryAttempt(ticket: begun, record: records[begun]))
        begun += 1
      }
      for report in wait(milliseconds: 1000, wakeUps: []) {
        precondition(outcomes[report.ticket] == nil, "an attempt has two outcomes")
        outcomes[report.ticket] = report.outcome
        ended += 1
        end = ContinuousClock.now + .seconds(60)
      }
    }
    return outcomes
  }
}
