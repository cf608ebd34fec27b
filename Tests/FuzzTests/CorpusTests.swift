import Foundation
import JSONText
import TestSupport
import Testing

/// Every target gets its corpus: what once was found, and what leads a fuzzer to the corners of a format.
struct CorpusTests {
  private static let directory = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fuzzing/Corpus").path

  private static func inputs(_ target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
    let folder = "\(directory)/\(target.rawValue)"
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
      (name, Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))))
    }
  }

  @Test(arguments: FuzzTarget.allCases)
  func `every input of the corpus is taken as promised`(target: FuzzTarget) throws {
    let inputs = try Self.inputs(target)
    #expect(inputs.count >= 5)
    for input in inputs {
      let fault = target.fault(input.bytes)
      #expect(fault == nil, "\(target.rawValue)/\(input.name)")
    }
  }

  /// As a fuzzer would, but with the same seed each time and for a moment only.
  @Test(arguments: FuzzTarget.allCases)
  func `changed inputs of the corpus are taken as promised`(target: FuzzTarget) throws {
    let inputs = try Self.inputs(target).map(\.bytes)
    var random = SeededGenerator(seed: 6)
    for _ in 0..<500 {
      let input = Self.changed(inputs, &random)
      let fault = target.fault(input)
      #expect(fault == nil, "\(target.rawValue): \(Data(input).base64EncodedString())")
    }
  }

  private static func changed(_ inputs: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
    guard var input = inputs.randomElement(using: &random) else { return [] }
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: 0...input.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0 where place < input.count: input[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1 where place < input.count: input.remove(at: place)
      case 2: input.insert(UInt8.random(in: 0...255, using: &random), at: place)
      case 3: input.removeLast(input.count - place)
      default:
        guard let other = inputs.randomElement(using: &random) else { break }
        let from = Int.random(in: 0...other.count, using: &random)
        input.insert(contentsOf: other[from...].prefix(40), at: place)
      }
    }
    return input
  }

  /// Foundation's parser has rules of its own: those texts are left out in which it is known to differ.
  @Test func `Foundation takes and refuses the same texts`() throws {
    var compared = 0
    for input in try Self.inputs(.json) {
      let text = String(validating: input.bytes, as: UTF8.self)
      // It takes byte order marks, UTF-16 and a comma behind the last value, and reads surrogates in pairs only.
      guard let text, !text.contains("\u{FEFF}"), !input.bytes.contains(0),
        !text.contains("\\u"), !text.contains(/,\s*[\]}]/)
      else { continue }
      let isTaken = (try? JSONText(validating: input.bytes)) != nil
      let isTakenThere =
        (try? JSONSerialization.jsonObject(
          with: Data(input.bytes), options: .fragmentsAllowed)) != nil
      #expect(isTaken == isTakenThere, "\(input.name)")
      compared += 1
    }
    #expect(compared >= 20)
  }
}
