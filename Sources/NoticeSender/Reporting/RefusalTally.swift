import JSONText
import Notice
import Spool
import SystemCalls

/// What lies in quarantine, counted by why it is there.
struct RefusalTally {
  struct Row {
    let reason: String
    var count: Int
    var last: String
  }

  /// The most frequent first.
  let rows: [Row]

  private static let paths = MemberPaths(["time", "problem", "file", "segment"])

  /// From `since` on, as far back as the quarantine reaches.
  init(
    since: Timestamp, _ directory: SpoolDirectory, _ system: any SystemCalls
  ) throws(SystemCallError) {
    var rows: [String: Row] = [:]
    for name in ["refused.1", "refused", "damaged.1", "damaged"] {
      let lines: LineSource
      do throws(SystemCallError) {
        lines = try LineSource(path: "\(directory.quarantine)/\(name).ndjson", system)
      } catch {
        guard error.isMissing else { throw error }
        continue
      }
      while let line = try lines.next() {
        guard let object = try? JSONText(validating: line.span, finding: Self.paths),
          let time = object.token(0).flatMap(JSONString.text), time >= since.rfc3339
        else { continue }
        let reason =
          object.token(1).flatMap(JSONString.text)
          ?? (object.token(3) != nil ? "damaged" : "not-json")
        var row = rows[reason] ?? Row(reason: reason, count: 0, last: time)
        row.count += 1
        row.last = max(row.last, time)
        rows[reason] = row
      }
    }
    self.rows = rows.values.sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
  }
}
