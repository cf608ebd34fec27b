import TestSupport

/// JSON texts without white space, by chance and a seed.
struct RandomJSON {
  private var generator: SeededGenerator

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  mutating func text() -> [UInt8] {
    var output: [UInt8] = []
    append(depth: 0, to: &output)
    return output
  }

  /// The same text with white space wherever the grammar has room for it.
  mutating func spaced(_ text: [UInt8]) -> [UInt8] {
    var output = space()
    var inString = false
    var escaped = false
    for byte in text {
      let isStructural = !inString && "{}[],:".utf8.contains(byte)
      if isStructural { output += space() }
      output.append(byte)
      if isStructural { output += space() }
      if inString {
        if byte == UInt8(ascii: "\""), !escaped { inString = false }
        escaped = byte == UInt8(ascii: "\\") && !escaped
      } else if byte == UInt8(ascii: "\"") {
        inString = true
      }
    }
    return output + space()
  }

  private mutating func append(depth: Int, to output: inout [UInt8]) {
    switch Int.random(in: depth > 6 ? 4...9 : 0...9, using: &generator) {
    case 0, 1:
      output.append(UInt8(ascii: "{"))
      for index in 0..<Int.random(in: 0...4, using: &generator) {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        output += string()
        output.append(UInt8(ascii: ":"))
        append(depth: depth + 1, to: &output)
      }
      output.append(UInt8(ascii: "}"))
    case 2, 3:
      output.append(UInt8(ascii: "["))
      for index in 0..<Int.random(in: 0...4, using: &generator) {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        append(depth: depth + 1, to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case 4, 5, 6: output += string()
    case 7: output += Array(Self.literals.randomElement(using: &generator)!.utf8)
    default: output += number()
    }
  }

  private mutating func string() -> [UInt8] {
    var output = [UInt8(ascii: "\"")]
    for _ in 0..<Int.random(in: 0...20, using: &generator) {
      output += Array(Self.pieces.randomElement(using: &generator)!.utf8)
    }
    return output + [UInt8(ascii: "\"")]
  }

  private mutating func number() -> [UInt8] {
    var text = Bool.random(using: &generator) ? "-" : ""
    let digits = UInt64.random(in: 0...63, using: &generator)
    text += String(generator.next() >> digits)
    if Bool.random(using: &generator) {
      text += ".0\(UInt8.random(in: 0...255, using: &generator))"
    }
    if Bool.random(using: &generator) {
      text += ["e", "E", "e+", "E-"].randomElement(using: &generator)!
      text += "\(UInt8.random(in: 0...255, using: &generator))"
    }
    return Array(text.utf8)
  }

  private mutating func space() -> [UInt8] {
    (0..<Int.random(in: 0...3, using: &generator)).map { _ in
      [0x20, 0x09, 0x0A, 0x0D].randomElement(using: &generator)!
    }
  }

  private static let literals = ["true", "false", "null"]
  private static let pieces = [
    "a", "Z", " ", "{", "]", ",", ":", "/", "\\\"", "\\\\", "\\/", "\\n", "\\t", "\\u0000",
    "\\uD83D",
    "\\ude00", "é", "语", "😀", "\u{7F}", "data", "messageId",
  ]
}
