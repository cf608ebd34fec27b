import Destinations

extension Destination {
  /// For one who keeps no list from turn to turn.
  func wait(milliseconds: Int, wakeUps: [Int32]) -> [DeliveryReport] {
    var reports: [DeliveryReport] = []
    wait(milliseconds: milliseconds, wakeUps: wakeUps, into: &reports)
    return reports
  }
}
