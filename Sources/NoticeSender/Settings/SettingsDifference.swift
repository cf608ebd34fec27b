/// What new settings mean for destinations that are at work: a destination goes on as it is only where nothing of it
/// changed.
struct SettingsDifference: Equatable {
  /// Names of destinations that go on, in the new order.
  private(set) var kept: [String] = []
  /// Names of destinations that are there no more or have changed, in the old order.
  private(set) var stopped: [String] = []
  /// Destinations that are new or have changed, in the new order.
  private(set) var started: [DestinationSettings] = []

  init(from old: [DestinationSettings], to new: [DestinationSettings]) {
    for settings in new {
      if old.contains(settings) { kept.append(settings.name) } else { started.append(settings) }
    }
    stopped = old.map(\.name).filter { !kept.contains($0) }
  }

  /// "stops crm; starts crm, archive; goes on with platform"
  var description: String {
    [("stops", stopped), ("starts", started.map(\.name)), ("goes on with", kept)]
      .filter { !$0.1.isEmpty }
      .map { "\($0.0) \($0.1.joined(separator: ", "))" }
      .joined(separator: "; ")
  }
}
