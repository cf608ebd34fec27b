import Notice

@testable import Spool

/// A file in `rescue/` with any name and content: it ends in the spool, or in quarantine, or stays.
enum RescueFuzz {
  /// The name stands before the first NUL.
  static func run(_ input: [UInt8]) throws {
    let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return }
    let name = String(decoding: parts[0], as: UTF8.self)
    guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "/")) else { return }
    let bytes = Array(parts[1])

    let directory = SpoolDirectory("/spool")
    let path = "\(directory.rescue)/\(name)"
    let files = MemoryFiles([path: bytes])
    let outcome = RescueInbox(directory, SpoolSettings(), files).take()
    try expect(outcome.failures.isEmpty, "nothing fails: \(outcome.failures)")
    let left = files.contents
    try expect(left[path] == nil, "a file that was taken is gone")
    let lines = left.filter { $0.key.hasPrefix(directory.segments) }.flatMap(\.value)
    if let node = ReferenceJSON.parse(bytes) {
      try expect(outcome.taken == 1 && outcome.refused == 0, "what is JSON is taken")
      try expect(lines.last == 0x0A && lines.count(where: { $0 == 0x0A }) == 1, "it is one line")
      let record = try NoticeRecord(line: Array(lines.dropLast()).span)
      try expect(Array(record.body) == node.text, "a rescued body is kept byte for byte")
      try expect(record.string(.path) == "rescue/\(name)", "its name is kept")
      try RecordFuzz.look(at: record)
    } else {
      try expect(outcome.taken == 0 && outcome.refused == 1, "what is no JSON is refused")
      let kept = left["\(directory.quarantine)/refused.ndjson"] ?? []
      try expect(lines.isEmpty && kept.last == 0x0A, "it is in quarantine, and not in the spool")
      let entry = ReferenceJSON.parse(kept)
      if String(validating: bytes, as: UTF8.self) != nil {
        try expect(entry?.value(at: ["text"])?.string == bytes, "it is kept as it was")
      } else {
        try expect(entry?.value(at: ["base64"]) != nil, "it is kept in base64")
      }
    }
  }
}
