import Foundation
import TestSupport
import Testing

/// What the comparison of a key takes, counted in instructions by valgrind's callgrind: the same for every guess of one length,
/// however much of it is right, and whatever the key's own length is.
struct ConstantTimeTests {
  private static let valgrind = try? Programs.tool("valgrind")
  private static let key = "0123456789abcdef0123456789abcdef"

  /// Instructions inside of `SecretSet.contains`.
  private func instructions(guess: String, keys: String) throws -> Int {
    let temporary = try TemporaryDirectory()
    // Valgrind gives up on debugging information that is newer than itself.
    let handler = "\(temporary.path)/notice-handler"
    let stripped = try Programs.run(
      try Programs.tool("objcopy"), ["--strip-debug", Programs.handler, handler])
    try #require(stripped.status == 0, "\(stripped.output)")
    let result = try Programs.run(
      try #require(Self.valgrind),
      [
        "--tool=callgrind", "--toggle-collect=*9SecretSetV8contains*",
        "--callgrind-out-file=\(temporary.path)/out", handler,
      ],
      environment: [
        "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST",
        "REQUEST_URI": "/notice?key=\(guess)", "QUERY_STRING": "key=\(guess)",
        "CONTENT_LENGTH": "2", "NOTICE_SPOOL": "\(temporary.path)/spool", "NOTICE_KEY": keys,
      ], input: Array("{}".utf8))
    #expect(result.output.contains("Status: 403"))
    let count = try #require(result.output.firstMatch(of: /Collected : (\d+)/)?.1)
    return try #require(Int(count))
  }

  @Test(
    .enabled(if: Programs.areReleased, "the programs under test are no release build"),
    .enabled(if: ConstantTimeTests.valgrind != nil, "valgrind is not installed"))
  func `every wrong key takes the same instructions, however much of it is right`() throws {
    let first = try instructions(guess: "X" + Self.key.dropFirst(), keys: Self.key)
    #expect(first > 1000, "all of the key's room is compared")
    for guess in [
      Self.key.dropLast() + "X", Self.key.prefix(16) + "X" + Self.key.dropFirst(17),
      String(repeating: "X", count: 32)[...],
    ] {
      #expect(try instructions(guess: String(guess), keys: Self.key) == first)
    }
    let short = String(Self.key.prefix(8))
    #expect(try instructions(guess: "X" + Self.key.dropFirst(), keys: short) == first)
    let wrong = Self.key.dropLast() + "X"
    let several = try instructions(guess: String(wrong), keys: "\(Self.key),\(short)")
    #expect(try instructions(guess: String(wrong), keys: "\(short),\(Self.key)") == several)
  }
}
