/// An object or an array that is open where a scan stands.
struct OpenContainer {
  var isObject: Bool
  /// The node of ``MemberPaths`` that the container is the value of.
  var node: Int
  /// Where the container starts in the output.
  var start: Int

  static let none = OpenContainer(isObject: false, node: MemberPaths.nowhere, start: 0)

  var closing: UInt8 { isObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }
}

/// Containers that are open, the outermost first. Those of a notice need no memory from the heap.
struct ContainerStack {
  private var near = InlineArray<8, OpenContainer>(repeating: .none)
  private var far: [OpenContainer] = []
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  mutating func push(_ container: OpenContainer) {
    if count < near.count { near[count] = container } else { far.append(container) }
    count += 1
  }

  /// There is one.
  mutating func pop() -> OpenContainer {
    count -= 1
    return count < near.count ? near[count] : far.removeLast()
  }
}
