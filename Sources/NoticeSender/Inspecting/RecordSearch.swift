import Notice
import Spool
import SystemCalls

/// Looks through the spool, its archive and the dead letters for records that a person means: each once, in the order they
/// came; behind them those that are among the dead letters only.
struct RecordSearch {
  struct Hit {
    let record: NoticeRecord
    /// The destinations that gave it up.
    let deadAt: [String]
  }

  let selection: RecordSelection
  /// Only what a destination gave up.
  let isOfDead: Bool

  /// Segments this much older or younger than the times asked for are left out: a clock that was set may have named
  /// them wrongly by less.
  private static let clockMilliseconds: Int64 = 24 * 3600 * 1000

  /// Returns where a search for what comes after begins. `damaged` is told of each segment that cannot be read to its end.
  func run(
    _ directory: SpoolDirectory, _ system: any SystemCalls, damaged: (String) -> Void = { _ in },
    _ found: (Hit) throws -> Void
  ) throws -> SpoolPosition {
    var dead = try Self.deadLetters(directory, system)
    var end = SpoolPosition(segment: 0, offset: 0)
    let segments = try StoredSegment.all(directory, system)
    var records = RecordReader()
    for (place, segment) in segments.enumerated() {
      let next = place + 1 < segments.count ? segments[place + 1] : nil
      guard mayHold(segment, before: next), let lines = try segment.lines() else { continue }
      while let line = lines.nextUnlessDamaged() {
        guard let record = try? records.record(of: line.span) else { continue }
        let deadAt = dead.removeValue(forKey: record.id)?.destinations ?? []
        if fits(record, deadAt) { try found(Hit(record: record, deadAt: deadAt)) }
      }
      if let damage = lines.damage { damaged("\(segment.name): \(damage)") }
      end = SpoolPosition(segment: segment.name.number, offset: lines.offset)
    }
    // A UUIDv7 begins with its time.
    for (_, letter) in dead.sorted(by: { $0.key < $1.key })
    where fits(letter.record, letter.destinations) {
      try found(Hit(record: letter.record, deadAt: letter.destinations))
    }
    return end
  }

  /// What has come since: from `reader` until there is no more. What a destination gives up later is not known here.
  func run(
    _ reader: inout SpoolReader, _ found: (Hit) throws -> Void
  ) throws {
    while true {
      switch try reader.read() {
      case .record(let record, _):
        if fits(record, []) { try found(Hit(record: record, deadAt: [])) }
      case .damaged, .missing: continue
      case .end: return
      }
    }
  }

  private func fits(_ record: NoticeRecord, _ deadAt: [String]) -> Bool {
    (!isOfDead || !deadAt.isEmpty) && selection.fits(record)
  }

  private func mayHold(_ segment: StoredSegment, before next: StoredSegment?) -> Bool {
    let slack = Self.clockMilliseconds
    if let until = selection.until,
      segment.name.createdAt.milliseconds - slack > until.milliseconds
    {
      return false
    }
    guard let since = selection.since, let next else { return true }
    return next.name.createdAt.milliseconds + slack >= since.milliseconds
  }

  private static func deadLetters(
    _ directory: SpoolDirectory, _ system: any SystemCalls
  ) throws -> [String: (record: NoticeRecord, destinations: [String])] {
    var letters: [String: (record: NoticeRecord, destinations: [String])] = [:]
    for name in try KnownDestinations(directory, system).names {
      try DeadLetters(name, directory, system).read { letter, _ in
        letters[letter.record.id, default: (letter.record, [])].destinations.append(name)
      }
    }
    return letters
  }
}
