import JSONText
import Notice

extension SpoolStatus {
  /// For a person.
  var text: String {
    var table = TextTable([
      ("DESTINATION", false), ("DELIVERED", true), ("FILTERED", true), ("PENDING", true),
      ("OLDEST", true), ("DEAD", true), ("DAMAGED", true), ("STATE", false),
    ])
    for destination in destinations {
      table.add(
        [destination.name] + [
          "\(destination.counts.delivered)", "\(destination.counts.filtered)",
          "\(destination.pending)",
          destination.oldest.map { Self.duration(time, since: $0) } ?? "-",
          "\(destination.counts.dead)", "\(destination.counts.damaged)", state(destination),
        ])
    }
    let sender = facts.senderProcess.map { "process \($0)" } ?? "not running"
    return (destinations.isEmpty ? "no destination has been delivered to yet\n" : table.text)
      + details + """

        sender: \(sender)
        spool: \(facts.segments) segments, \(facts.segmentBytes) bytes; \
        archive: \(facts.archivedSegments) segments, \(facts.archiveBytes) bytes
        quarantine: \(facts.quarantineBytes) bytes; rescue: \(facts.rescueFiles) files

        """
  }

  /// One object.
  var json: String {
    var object = JSONObjectWriter()
    object.member("time", string: time.rfc3339)
    object.member("senderProcess", number: facts.senderProcess)
    object.member("segments", number: facts.segments)
    object.member("spoolBytes", number: facts.segmentBytes)
    object.member("archivedSegments", number: facts.archivedSegments)
    object.member("archiveBytes", number: facts.archiveBytes)
    object.member("quarantineBytes", number: facts.quarantineBytes)
    object.member("rescueFiles", number: facts.rescueFiles)
    let list = destinations.map { String(decoding: Self.object($0).bytes, as: UTF8.self) }
    object.member("destinations", token: Array("[\(list.joined(separator: ","))]".utf8))
    return String(decoding: object.bytes, as: UTF8.self)
  }

  private static func object(_ destination: Destination) -> JSONObjectWriter {
    var object = JSONObjectWriter()
    object.member("name", string: destination.name)
    for (name, value) in [
      ("delivered", destination.counts.delivered), ("filtered", destination.counts.filtered),
      ("pending", destination.pending), ("dead", destination.counts.dead),
      ("damaged", destination.counts.damaged), ("lost", destination.counts.lost),
      ("replayed", destination.counts.replayed),
    ] {
      object.member(name, number: value)
    }
    object.member("unreadSegments", number: destination.unread.count)
    object.member("oldestPendingAt", string: destination.oldest?.rfc3339)
    switch destination.state {
    case .stopped(let health):
      object.member("state", string: "stopped")
      object.member("reason", string: health?.reason)
      object.member("advice", string: health?.advice)
    case .running(let since):
      object.member("state", string: "running")
      object.member("since", string: since?.rfc3339)
    case .paused(let health):
      object.member("state", string: "paused")
      object.member("since", string: health.since.rfc3339)
      object.member("reason", string: health.reason)
      object.member("nextAttemptAt", string: health.nextAttemptAt?.rfc3339)
      object.member("advice", string: health.advice)
    case .unknown(let reason):
      object.member("state", string: "unknown")
      object.member("reason", string: reason)
    }
    return object
  }

  private func state(_ destination: Destination) -> String {
    switch destination.state {
    case .stopped: "stopped"
    case .running: "running"
    case .paused(let health): "paused since \(health.since.rfc3339)"
    case .unknown: "unknown"
    }
  }

  /// What does not fit into the table.
  private var details: String {
    destinations.map { destination in
      unread(destination) + detail(of: destination)
    }.joined()
  }

  private func unread(_ destination: Destination) -> String {
    guard !destination.unread.isEmpty else { return "" }
    let numbers = destination.unread.prefix(5).map(String.init).joined(separator: ", ")
    let more = destination.unread.count > 5 ? " and \(destination.unread.count - 5) others" : ""
    return "\n\(destination.name): unable to read segment \(numbers)\(more): passed over\n"
      + "  what to do: make the file in segments/ readable; it is tried once a minute\n"
  }

  private func detail(of destination: Destination) -> String {
    switch destination.state {
    case .stopped(nil), .running: ""
    case .stopped(.some(let health)):
      "\n\(OneLine.shown("\(destination.name): paused when a sender ran last: \(health.reason ?? "")"))\n"
        + "  what to do: \(OneLine.shown(health.advice ?? ""))\n"
    case .unknown(let reason): "\n\(OneLine.shown("\(destination.name): \(reason)"))\n"
    case .paused(let health):
      "\n\(OneLine.shown("\(destination.name): paused: \(health.reason ?? "")"))\n"
        + "  next try: \(health.nextAttemptAt?.rfc3339 ?? "soon")\n"
        + "  what to do: \(OneLine.shown(health.advice ?? ""))\n"
    }
  }

  /// "45s", "12m", "5h", "3d".
  static func duration(_ now: Timestamp, since start: Timestamp) -> String {
    let seconds = max(0, now.milliseconds - start.milliseconds) / 1000
    return switch seconds {
    case ..<120: "\(seconds)s"
    case ..<7200: "\(seconds / 60)m"
    case ..<172_800: "\(seconds / 3600)h"
    default: "\(seconds / 86400)d"
    }
  }
}
