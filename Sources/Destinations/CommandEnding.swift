/// How a ``CommandProcess`` ended.
struct CommandEnding {
  enum Status: Equatable {
    case exited(Int32)
    case signalled(Int32)
    case timedOut
  }

  let status: Status
  /// Of its standard error; empty where it wrote nothing.
  let lastLine: String

  /// For a person: "exit status 3: no such table: notices".
  func reason(timeoutSeconds: Int) -> String {
    let ending =
      switch status {
      case .exited(let code): "exit status \(code)"
      case .signalled(let number): "ended by signal \(number)"
      case .timedOut: "not ended within \(timeoutSeconds) s"
      }
    return lastLine.isEmpty ? ending : "\(ending): \(lastLine)"
  }
}
