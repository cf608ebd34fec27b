/// What a ``FaultySystemCalls`` does instead of a call, or before it, and to which call.
struct SystemCallFault: Sendable {
  enum Action: Sendable {
    case fail(errno: Int32)
    /// The call takes or gives so many bytes at most.
    case limit(bytes: Int)
    /// Something that others do at that very moment; the call itself then takes its course.
    case first(@Sendable () -> Void)
  }

  /// nil: a call of any name.
  let name: String?
  /// A part of the path that the call is about.
  let path: String
  /// The calls that it is about, counted from 1 among those that fit the name and the path.
  let numbers: Numbers
  let action: Action
  var seen = 0

  enum Numbers: Sendable {
    case only(Int)
    case from(Int)

    func contains(_ number: Int) -> Bool {
      switch self {
      case .only(let wanted): number == wanted
      case .from(let first): number >= first
      }
    }
  }

  /// Counts the call, and tells whether this is the one.
  mutating func fits(_ call: FaultySystemCalls.Call) -> Bool {
    guard name == nil || name == call.name, path.isEmpty || call.path.contains(path) else {
      return false
    }
    seen += 1
    return numbers.contains(seen)
  }
}
