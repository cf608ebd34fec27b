/// What is mounted where, as `/proc/self/mountinfo` tells it (proc(5)).
struct MountTable {
  private let mounts: [(point: String, type: String)]

  init(_ text: String) {
    mounts = text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), fields.count > 4, dash + 1 < fields.count else {
        return nil
      }
      return (Self.unescaped(fields[4]), String(fields[dash + 1]))
    }
  }

  /// The type of the file system that an absolute path without links lies on: that of the innermost mount point, and
  /// of several at one point the last.
  func type(of path: String) -> String? {
    mounts.filter { $0.point == "/" || path == $0.point || path.hasPrefix($0.point + "/") }
      .enumerated()
      .max { ($0.element.point.utf8.count, $0.offset) < ($1.element.point.utf8.count, $1.offset) }?
      .element.type
  }

  /// A space, tab, newline or backslash in a name is written as three octal digits.
  private static func unescaped(_ field: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), let code = UInt8(octal: rest.prefix(3)) {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension UInt8 {
  fileprivate init?(octal digits: ArraySlice<UInt8>) {
    self.init(String(decoding: digits, as: UTF8.self), radix: 8)
  }
}
