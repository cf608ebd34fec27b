/// A second opinion on RFC 8259, written for nothing but to be seen to be right: one byte at a time, one function for each rule of
/// the grammar, recursive. It knows what a text's tokens are and what they mean.
struct ReferenceJSON {
  indirect enum Value {
    case object([(key: [UInt8], value: Node)])
    case array([Node])
    case string([UInt8])
    /// A number, `true`, `false` or `null`, as it is spelled.
    case literal([UInt8])
  }

  struct Node {
    var value: Value
    /// Its bytes without white space between tokens.
    var text: [UInt8]
  }

  /// A key without the white space around it.
  static func trimmed(_ key: [UInt8]) -> ArraySlice<UInt8> {
    let isSpace = { (byte: UInt8) in [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
    var key = key[...]
    while let byte = key.first, isSpace(byte) { key.removeFirst() }
    while let byte = key.last, isSpace(byte) { key.removeLast() }
    return key
  }

  private struct Failure: Error {}

  private let input: [UInt8]
  private var place = 0
  private var depth = 0

  /// nil: `input` is no JSON text, or nested deeper than 512.
  static func parse(_ input: [UInt8]) -> Node? {
    guard String(validating: input, as: UTF8.self) != nil else { return nil }
    var parser = ReferenceJSON(input: input)
    do {
      let node = try parser.value()
      parser.space()
      return parser.place == input.count ? node : nil
    } catch {
      return nil
    }
  }

  private init(input: [UInt8]) { self.input = input }

  private var next: UInt8? { place < input.count ? input[place] : nil }

  private mutating func space() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { place += 1 }
  }

  private mutating func take(_ text: String) throws {
    for byte in text.utf8 {
      guard next == byte else { throw Failure() }
      place += 1
    }
  }

  private mutating func value() throws -> Node {
    space()
    let start = place
    switch next {
    case UInt8(ascii: "{"): return try nested { parser in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser in try parser.array() }
    case UInt8(ascii: "\""):
      let string = try string()
      return Node(value: .string(string), text: Array(input[start..<place]))
    case UInt8(ascii: "t"): try take("true")
    case UInt8(ascii: "f"): try take("false")
    case UInt8(ascii: "n"): try take("null")
    default: try number()
    }
    return Node(value: .literal(Array(input[start..<place])), text: Array(input[start..<place]))
  }

  private mutating func nested(_ body: (inout ReferenceJSON) throws -> Node) throws -> Node {
    depth += 1
    guard depth <= 512 else { throw Failure() }
    let node = try body(&self)
    depth -= 1
    return node
  }

  private mutating func object() throws -> Node {
    var members: [(key: [UInt8], value: Node)] = []
    var text = Array("{".utf8)
    try take("{")
    space()
    if next == UInt8(ascii: "}") {
      try take("}")
      return Node(value: .object([]), text: Array("{}".utf8))
    }
    while true {
      space()
      let start = place
      let key = try string()
      text += input[start..<place]
      space()
      try take(":")
      let value = try value()
      text += Array(":".utf8) + value.text
      members.append((key, value))
      space()
      if next == UInt8(ascii: "}") { break }
      try take(",")
      text += Array(",".utf8)
    }
    try take("}")
    return Node(value: .object(members), text: text + Array("}".utf8))
  }

  private mutating func array() throws -> Node {
    var elements: [Node] = []
    try take("[")
    space()
    if next == UInt8(ascii: "]") {
      try take("]")
      return Node(value: .array([]), text: Array("[]".utf8))
    }
    while true {
      elements.append(try value())
      space()
      if next == UInt8(ascii: "]") { break }
      try take(",")
    }
    try take("]")
    let text = Array(elements.map(\.text).joined(separator: Array(",".utf8)))
    return Node(value: .array(elements), text: Array("[".utf8) + text + Array("]".utf8))
  }

  private mutating func digits() throws {
    guard let byte = next, (0x30...0x39).contains(byte) else { throw Failure() }
    while let byte = next, (0x30...0x39).contains(byte) { place += 1 }
  }

  private mutating func number() throws {
    if next == UInt8(ascii: "-") { place += 1 }
    if next == UInt8(ascii: "0") { place += 1 } else { try digits() }
    if next == UInt8(ascii: ".") {
      place += 1
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      place += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { place += 1 }
      try digits()
    }
  }

  /// What the string means, in UTF-8; a surrogate without its other half is U+FFFD.
  private mutating func string() throws -> [UInt8] {
    try take("\"")
    var units: [UInt16] = []
    var bytes: [UInt8] = []
    func flush() {
      bytes += String(decoding: units, as: UTF16.self).utf8
      units = []
    }
    while true {
      guard let byte = next, byte >= 0x20 else { throw Failure() }
      place += 1
      switch byte {
      case UInt8(ascii: "\""):
        flush()
        return bytes
      case UInt8(ascii: "\\"):
        guard let escape = next else { throw Failure() }
        place += 1
        let plain: [Character: UInt16] = [
          "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
        ]
        if escape == UInt8(ascii: "u") {
          guard place + 4 <= input.count else { throw Failure() }
          let hex = input[place..<place + 4]
          let isHex = hex.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 }
          guard isHex, let unit = UInt16(String(decoding: hex, as: UTF8.self), radix: 16) else {
            throw Failure()
          }
          units.append(unit)
          place += 4
        } else if let unit = plain[Character(Unicode.Scalar(escape))] {
          units.append(unit)
        } else {
          throw Failure()
        }
      default:
        flush()
        bytes.append(byte)
      }
    }
  }
}

extension ReferenceJSON.Node {
  /// The value at a path of keys, white space around a key left aside; of a repeated key the last.
  func value(at path: some Collection<String>) -> ReferenceJSON.Node? {
    guard let first = path.first else { return self }
    guard case .object(let members) = value else { return nil }
    let found = members.last { ReferenceJSON.trimmed($0.key).elementsEqual(first.utf8) }
    return found?.value.value(at: path.dropFirst())
  }

  var string: [UInt8]? { if case .string(let bytes) = value { bytes } else { nil } }
}
