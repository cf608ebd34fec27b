import Notice

/// What was looked at, how it is, and, where it is not as it should be, what to do.
struct Finding: Sendable, Equatable {
  enum Grade: String, Sendable, CaseIterable {
    case ok
    /// Works, and keeps less than it could.
    case warning
    case failed
  }

  let grade: Grade
  let subject: String
  let detail: String
  /// Empty where nothing is to be done.
  let remedy: String

  static func ok(_ subject: String, _ detail: String) -> Finding {
    Finding(grade: .ok, subject: subject, detail: detail, remedy: "")
  }

  static func warning(_ subject: String, _ detail: String, remedy: String) -> Finding {
    Finding(grade: .warning, subject: subject, detail: detail, remedy: remedy)
  }

  static func failed(_ subject: String, _ detail: String, remedy: String) -> Finding {
    Finding(grade: .failed, subject: subject, detail: detail, remedy: remedy)
  }

  /// A line for each finding, and one more for each remedy.
  static func table(_ findings: [Finding]) -> String {
    let width = (findings.map(\.subject.count).max() ?? 0) + 2
    return findings.map { finding in
      let line =
        padded(finding.grade.rawValue, 9) + padded(OneLine.shown(finding.subject), width)
        + OneLine.shown(finding.detail)
      return finding.remedy.isEmpty
        ? "\(line)\n" : "\(line)\n\(padded("", 9 + width))→ \(OneLine.shown(finding.remedy))\n"
    }.joined()
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
