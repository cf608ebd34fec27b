/// With which status the program leaves.
enum ExitStatus: Int32 {
  case success = 0
  /// Wrong use or settings: starting again changes nothing.
  case misused = 100
  /// A failure that may pass: start again later.
  case temporary = 111
}
