import Foundation

/// What a process holds at one moment, as the kernel tells (proc(5)).
struct ProcessSample {
  let seconds: Double
  let residentKiB: Double
  let threads: Int
  let descriptors: Int

  /// nil: it is gone.
  init?(_ process: Int32, at seconds: Double) {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
      let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")
    else { return nil }
    func figure(_ name: String) -> Double? {
      let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
      let words = line?.split(whereSeparator: \.isWhitespace) ?? []
      return words.count > 1 ? Double(words[1]) : nil
    }
    guard let resident = figure("VmRSS"), let threads = figure("Threads") else { return nil }
    self.seconds = seconds
    residentKiB = resident
    self.threads = Int(threads)
    descriptors = open.count
  }

  /// Of samples of one process: the mean of their last third beside that of the third before, as what grows
  /// grows there as well, when all caches are full.
  struct Growth: CustomStringConvertible {
    let residentKiBPerMinute: Double
    let residentKiBMax: Double
    let threads: ClosedRange<Int>
    let descriptors: ClosedRange<Int>

    init?(_ samples: [ProcessSample]) {
      let third = samples.count / 3
      guard third > 0 else { return nil }
      let middle = samples[third..<2 * third]
      let last = samples[(samples.count - third)...]
      let minutes = (last.map(\.seconds).mean - middle.map(\.seconds).mean) / 60
      residentKiBPerMinute =
        (last.map(\.residentKiB).mean - middle.map(\.residentKiB).mean) / max(minutes, 0.001)
      residentKiBMax = samples.map(\.residentKiB).max() ?? 0
      let settled = Array(samples[third...])
      threads = settled.map(\.threads).range
      descriptors = settled.map(\.descriptors).range
    }

    var description: String {
      let rate = String(format: "%+.0f", residentKiBPerMinute)
      return
        "\(Int(residentKiBMax / 1024)) MiB at most, \(rate) KiB a minute, threads \(threads), descriptors \(descriptors)"
    }
  }
}

extension [Double] {
  fileprivate var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }
}

extension [Int] {
  fileprivate var range: ClosedRange<Int> { (self.min() ?? 0)...(self.max() ?? 0) }
}
