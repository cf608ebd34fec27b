import Glibc
import Notice
import Spool
import SystemCalls

/// A sender's figures in a file that another program reads (the textfile collector of Prometheus' node exporter, say). It is
/// replaced by rename, so that whoever reads it finds it whole; it needs no port, and it need not survive a power cut.
struct MetricsFile {
  struct Lane {
    let name: String
    let report: LaneReport
  }

  private static let mode: UInt32 = 0o644

  private let path: String
  private let directory: SpoolDirectory
  private let system: any SystemCalls
  private var backlog: Backlog

  init(_ path: String, _ directory: SpoolDirectory, _ system: any SystemCalls) {
    self.path = path
    self.directory = directory
    self.system = system
    backlog = Backlog(directory, system)
  }

  /// `rescued`: bodies taken in since the start.
  mutating func write(_ lanes: [Lane], rescued: Int) throws {
    let text = try text(lanes, rescued: rescued)
    let next = "\(path).next"
    let descriptor = try system.openNew(next, mode: Self.mode)
    defer { system.close(descriptor) }
    // Another user's program reads it, whatever the umask; there are only names and figures in it.
    try system.chmod(descriptor, mode: Self.mode)
    var written = 0
    try system.writeAll(descriptor, Array(text.utf8), written: &written)
    try system.rename(next, to: path)
  }

  mutating func text(_ lanes: [Lane], rescued: Int) throws -> String {
    var metrics = MetricsText()
    addCounts(lanes, to: &metrics)
    try addBacklog(lanes, to: &metrics)
    metrics.family("notice_attempts_total", .counter, help: "Attempts since the sender started.")
    for lane in lanes {
      for result in AttemptResult.allCases {
        metrics.sample(
          "notice_attempts_total", [("destination", lane.name), ("result", result.name)],
          lane.report.attempts[result])
      }
    }
    let facts = try SpoolFacts(directory, system)
    for (name, help, value) in [
      (
        "notice_spool_bytes", "Bytes in segments that are not delivered to all.", facts.segmentBytes
      ),
      ("notice_archive_bytes", "Bytes in the archive.", facts.archiveBytes),
      ("notice_quarantine_bytes", "Bytes of what was refused or damaged.", facts.quarantineBytes),
      ("notice_rescue_files", "Bodies that nginx kept and nobody has taken in.", facts.rescueFiles),
    ] {
      metrics.family(name, .gauge, help: help)
      metrics.sample(name, [], value)
    }
    metrics.family(
      "notice_rescued_total", .counter,
      help: "Bodies that nginx kept and the sender has taken in since it started.")
    metrics.sample("notice_rescued_total", [], rescued)
    return metrics.text
  }

  private func addCounts(_ lanes: [Lane], to metrics: inout MetricsText) {
    let counts: [(String, MetricsText.Kind, String, (Checkpoint.Counts) -> Int)] = [
      ("notice_delivered_total", .counter, "Records delivered.", { $0.delivered + $0.replayed }),
      ("notice_filtered_total", .counter, "Records that no filter let through.", { $0.filtered }),
      ("notice_damaged_total", .counter, "Lines that were no records.", { $0.damaged }),
      ("notice_dead", .gauge, "Records given up, that were not requeued.", { $0.dead }),
    ]
    for (name, kind, help, value) in counts {
      metrics.family(name, kind, help: help)
      for lane in lanes {
        guard let checkpoint = lane.report.checkpoint else { continue }
        metrics.sample(name, [("destination", lane.name)], value(checkpoint.counts))
      }
    }
  }

  private mutating func addBacklog(_ lanes: [Lane], to metrics: inout MetricsText) throws {
    let now = system.realtimeNanoseconds() / 1_000_000
    var figures: [(name: String, pending: Int, age: Int, paused: Int)] = []
    for lane in lanes {
      guard let checkpoint = lane.report.checkpoint else { continue }
      let oldest = try backlog.oldest(checkpoint)
      figures.append(
        (
          lane.name, try backlog.pending(checkpoint),
          oldest.map { max(0, Int((now - $0.milliseconds) / 1000)) } ?? 0,
          lane.report.isPaused ? 1 : 0
        ))
    }
    metrics.family("notice_pending", .gauge, help: "Records that are neither settled nor dead.")
    for figure in figures {
      metrics.sample("notice_pending", [("destination", figure.name)], figure.pending)
    }
    metrics.family(
      "notice_oldest_pending_seconds", .gauge, help: "Age of the oldest pending record.")
    for figure in figures {
      metrics.sample("notice_oldest_pending_seconds", [("destination", figure.name)], figure.age)
    }
    metrics.family(
      "notice_unread_segments", .gauge,
      help: "Segments that could not be read and were passed over.")
    for lane in lanes {
      guard let checkpoint = lane.report.checkpoint else { continue }
      metrics.sample(
        "notice_unread_segments", [("destination", lane.name)], checkpoint.unread?.count ?? 0)
    }
    metrics.family("notice_paused", .gauge, help: "1 while the destination gets nothing.")
    for figure in figures {
      metrics.sample("notice_paused", [("destination", figure.name)], figure.paused)
    }
  }
}
