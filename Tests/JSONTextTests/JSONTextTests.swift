import JSONText
import TestSupport
import Testing

struct JSONTextTests {
  @Test(arguments: Samples.names)
  func `a sample keeps all but white space`(name: String) throws {
    let source = try Samples.bytes(name)
    let text = try JSONText(validating: source)
    #expect(text.bytes == stripped(source))
    #expect(!text.bytes.contains(0x0A))
    #expect(try JSONText(validating: text.bytes).bytes == text.bytes)
  }

  @Test func `there are samples to try`() {
    #expect(Samples.names.count == 18)
  }

  @Test(arguments: Samples.names)
  func `a sample cut short anywhere is refused at its end`(name: String) throws {
    let source = try Samples.bytes(name)
    let end = source.lastIndex(of: UInt8(ascii: "}"))!
    for length in 0...end {
      let error = #expect(throws: JSONTextError.self) {
        try JSONText(validating: source.span.extracting(first: length))
      }
      #expect(error?.offset == length)
      #expect(error?.found == nil)
    }
  }

  @Test(arguments: Samples.names)
  func `a sample with any byte changed is refused or kept, never a crash`(name: String) throws {
    let source = try Samples.bytes(name)
    var generator = SeededGenerator(seed: 1)
    for index in source.indices {
      var changed = source
      changed[index] = UInt8.random(in: 0...255, using: &generator)
      if let text = try? JSONText(validating: changed) {
        #expect(text.bytes == stripped(changed))
      }
    }
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `a random text is kept, with white space or without`(seed: UInt64) throws {
    var random = RandomJSON(seed: seed)
    for _ in 0..<20 {
      let text = random.text()
      #expect(try JSONText(validating: text).bytes == text)
      #expect(try JSONText(validating: random.spaced(text)).bytes == text)
    }
  }

  /// Drops white space outside strings and looks at nothing else.
  private func stripped(_ text: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    var inString = false
    var escaped = false
    for byte in text {
      if !inString, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { continue }
      output.append(byte)
      if escaped {
        escaped = false
      } else if byte == UInt8(ascii: "\\") {
        escaped = inString
      } else if byte == UInt8(ascii: "\"") {
        inString.toggle()
      }
    }
    return output
  }
}
