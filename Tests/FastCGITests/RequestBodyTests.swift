import Testing

@testable import FastCGI

struct RequestBodyTests {
  /// Gives `bytes` in pieces of at most three, then `end`.
  private func source(
    _ bytes: [UInt8], then end: RequestBody.Chunk = .end
  ) -> (Int) -> RequestBody.Chunk {
    var rest = bytes[...]
    return { count in
      guard !rest.isEmpty else { return end }
      defer { rest = rest.dropFirst(min(count, 3)) }
      return .bytes(Array(rest.prefix(min(count, 3))))
    }
  }

  private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 % 251) } }

  @Test(
    arguments: [
      (10, "10", RequestBody.whole(Array(0..<10))),
      (0, "0", .whole([])),
      (12, "10", .whole(Array(0..<10))),
      (9, "10", .cutShort(Array(0..<9), expected: 10)),
      (0, "10", .cutShort([], expected: 10)),
      (20, "20", .whole(Array(0..<20))),
      (21, "21", .tooLarge(start: Array(0..<21), expected: 21)),
      (21, "99999999999999999999999", .tooLarge(start: Array(0..<21), expected: .max)),
      (10, nil, .whole(Array(0..<10))),
      (10, "", .whole(Array(0..<10))),
      (10, "-1", .whole(Array(0..<10))),
      (10, "+3", .whole(Array(0..<10))),
      (10, "ten", .whole(Array(0..<10))),
      (20, nil, .whole(Array(0..<20))),
      (21, nil, .tooLarge(start: Array(0..<21), expected: nil)),
    ] as [(Int, String?, RequestBody)])
  func `a body is whole, cut short or too large`(
    count: Int, declared: String?, expected: RequestBody
  ) {
    #expect(
      RequestBody.read(declared: declared, bytesMax: 20, next: source(bytes(count))) == expected)
  }

  @Test func `a failure is never the end of a body`() {
    let failing = source([1, 2], then: .failed)
    #expect(
      RequestBody.read(declared: nil, bytesMax: 20, next: failing)
        == .cutShort([1, 2], expected: nil))
    let announced = source([1, 2], then: .failed)
    #expect(
      RequestBody.read(declared: "3", bytesMax: 20, next: announced)
        == .cutShort([1, 2], expected: 3))
  }

  @Test(arguments: ["100000", nil]) func `of a body too large the first 64 KiB are kept`(
    declared: String?
  ) {
    var asked = 0
    let body = RequestBody.read(declared: declared, bytesMax: 70_000) { count in
      asked += count
      return .bytes([UInt8](repeating: 7, count: count))
    }
    let start = [UInt8](repeating: 7, count: 65_536)
    #expect(body == .tooLarge(start: start, expected: declared.flatMap { Int($0) }))
    #expect(asked == (declared == nil ? 70_001 : 65_536))
  }
}
