import Glibc
import JSONText
import Notice

/// Scans the JSON texts of a file as the handler does, again and again for so many seconds, or so many times
/// where an x follows, and prints nanoseconds and passes: `JSONBenchmark FILE line|whole SECONDS|PASSESx`.
@main
enum JSONBenchmark {
  static func main() throws(JSONTextError) {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let bytes = bytes(of: arguments[1]) else { exit(100) }
    let counts = arguments[3].hasSuffix("x")
    guard let limit = Double(counts ? String(arguments[3].dropLast()) : arguments[3]) else {
      exit(100)
    }
    let texts =
      arguments[2] == "line" ? bytes.split(separator: UInt8(ascii: "\n")).map(Array.init) : [bytes]
    var passes = 0
    var kept = 0
    let clock = ContinuousClock()
    let start = clock.now
    var elapsed = Duration.zero
    repeat {
      for text in texts {
        kept &+= try JSONText(validating: text, finding: NoticeKind.bodyPaths).bytes.count
      }
      passes += 1
      elapsed = clock.now - start
    } while (counts ? Double(passes) : elapsed / .seconds(1)) < limit
    guard kept > 0 else { exit(111) }
    print(Int(elapsed / .nanoseconds(1)), passes)
  }

  private static func bytes(of path: String) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while true {
      let more = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
        count = unsafe max(0, read(descriptor, buffer.baseAddress, buffer.count))
      }
      if more.isEmpty { return bytes }
      bytes += more
    }
  }
}
