import Glibc
package import Notice
package import SystemCalls

/// Reads a spool's records in order, from a position on and on while it grows. Nothing it meets makes it
/// stop: damaged lines and missing segments are told and passed over.
package struct SpoolReader: ~Copyable {
  private let directory: SpoolDirectory
  private let system: any SystemCalls
  private var position: SpoolPosition
  private var file: SegmentFile?
  private var records = RecordReader()
  private var listing: SegmentListing
  /// The segment that a record was read from once more: the next one mostly stands near by.
  private var earlier: SegmentFile?
  /// Segments whose sync failed: no position in them is to be recorded.
  private var unsynced: Int?

  /// What stands at one place of the spool, and where the next thing stands.
  package enum Reading: Sendable {
    case record(NoticeRecord, next: SpoolPosition)
    /// Bytes that are no record.
    case damaged([UInt8], in: SegmentName, reason: String, next: SpoolPosition)
    /// Segments were there once and are not any more, or a segment is shorter than it was.
    case missing(reason: String, next: SpoolPosition)
    /// Nothing more at the moment.
    case end
  }

  /// nil: from the oldest segment there is.
  package init(
    _ directory: SpoolDirectory, from position: SpoolPosition?, _ system: any SystemCalls
  ) {
    self.directory = directory
    self.system = system
    self.position = position ?? SpoolPosition(segment: 0, offset: 0)
    listing = SegmentListing(directory, system)
  }

  /// Where the next reading begins.
  package var next: SpoolPosition { position }

  /// ``RecordReader/giveBack(_:)``
  package mutating func giveBack(_ record: NoticeRecord) { records.giveBack(record) }

  package mutating func read() throws(SystemCallError) -> Reading {
    while true {
      if file == nil {
        switch try openSegment() {
        case .opened: break
        case .told(let reading): return reading
        }
      }
      if let reading = try readLine() { return reading }
      guard let following = try followingSegment() else { return .end }
      // The segment was finished before the next one was made: what it has now is all it ever gets.
      if let reading = try readLine() { return reading }
      let rest = try file?.rest() ?? []
      if let name = file?.name, !rest.isEmpty {
        try finishSegment(following)
        return .damaged(
          rest, in: name, reason: "the segment's last line was never finished", next: position)
      }
      let number = position.segment
      try finishSegment(following)
      if following.number > number + 1 {
        // A writer that ended between choosing a number and using it leaves one out.
        return .missing(
          reason:
            "there is nothing between segment \(number) and \(following): never begun, or taken away by hand",
          next: position)
      }
    }
  }

  /// Goes on behind the segment that cannot be read, and returns where in it reading stopped. nil: none follows it yet.
  package mutating func passOver() throws(SystemCallError) -> SpoolPosition? {
    guard let following = try followingSegment() else { return nil }
    let reached = position
    file = nil
    position = SpoolPosition(segment: following.number, offset: 0)
    return reached
  }

  /// The record at `position`, if it is there unharmed: for one that was put off and comes again.
  package mutating func record(at position: SpoolPosition) throws(SystemCallError) -> NoticeRecord?
  {
    if earlier?.name.number == position.segment, let record = try earlierRecord(at: position) {
      return record
    }
    earlier = nil
    guard let name = try listing.first(from: position.segment), name.number == position.segment
    else { return nil }
    do throws(SystemCallError) {
      earlier = try SegmentFile(name, in: directory, from: position.offset, system)
    } catch {
      guard error.isMissing else { throw error }
      try listing.refresh()
      return nil
    }
    return try earlierRecord(at: position)
  }

  private mutating func earlierRecord(
    at position: SpoolPosition
  ) throws(SystemCallError) -> NoticeRecord? {
    earlier?.move(to: position.offset)
    let record = try earlier?.nextLine { line in try? records.record(of: line) }
    return record ?? nil
  }

  /// Makes durable what was read so far, so that the position may be recorded. False where that failed
  /// for the segment being read: then a position in it must never be.
  package mutating func sync() -> Bool {
    // It may be gone to the archive.
    earlier = nil
    guard file != nil else { return true }
    if unsynced == position.segment { return false }
    do throws(SystemCallError) {
      try file?.sync()
      return true
    } catch {
      unsynced = position.segment
      return false
    }
  }

  // MARK: Lines

  private mutating func readLine() throws(SystemCallError) -> Reading? {
    guard let start = file?.offset, let name = file?.name else { return nil }
    let result = try file?.nextLine { line -> Reading in
      let next = SpoolPosition(segment: name.number, offset: start + line.count + 1)
      do throws(NoticeRecordError) {
        return .record(try records.record(of: line), next: next)
      } catch {
        let bytes = (0..<line.count).map { line[$0] }
        return .damaged(bytes, in: name, reason: error.description, next: next)
      }
    }
    if result != nil { position.offset = file?.offset ?? position.offset }
    return result
  }

  // MARK: Segments

  private enum Opening {
    case opened
    case told(Reading)
  }

  private mutating func openSegment() throws(SystemCallError) -> Opening {
    guard let name = try listing.first(from: position.segment) else {
      return .told(try beginAgain(with: listing.lowest()) ?? .end)
    }
    let wanted = position
    if name.number > wanted.segment {
      position = SpoolPosition(segment: name.number, offset: 0)
      if wanted.segment > 0 {
        return .told(
          .missing(
            reason: "segment \(wanted.segment) is gone; reading goes on in \(name)",
            next: position))
      }
    }
    let opened: SegmentFile
    do throws(SystemCallError) {
      guard try system.lstat(directory.segment(name)).isRegularFile else {
        // A link, a directory or a pipe.
        throw SystemCallError("read", directory.segment(name), errno: ENOTSUP)
      }
      opened = try SegmentFile(name, in: directory, from: position.offset, system)
    } catch {
      // Gone since the directory was looked at.
      if error.isMissing { try listing.refresh() }
      throw error
    }
    let size = try opened.size()
    if size < position.offset {
      position.offset = size
      return .told(
        .missing(
          reason: "\(name) has \(size) bytes, fewer than the \(wanted.offset) read before",
          next: position))
    }
    if try !opened.beginsLine() {
      position.offset = 0
      return .told(
        .missing(
          reason:
            "\(name) has no line that begins at byte \(wanted.offset), as it had before; it is read again",
          next: position))
    }
    file = consume opened
    return .opened
  }

  /// Where all segments have lower numbers than the position has, the spool is another one than it was, and
  /// waiting for that number might take for ever.
  private mutating func beginAgain(with first: SegmentName?) throws(SystemCallError) -> Reading? {
    guard let first, let current = try directory.currentSegment(system),
      current.number < position.segment
    else { return nil }
    let reason =
      "segment \(position.segment) is gone, and the spool ends with \(current); reading begins again with \(first)"
    position = SpoolPosition(segment: first.number, offset: 0)
    return .missing(reason: reason, next: position)
  }

  private mutating func followingSegment() throws(SystemCallError) -> SegmentName? {
    let number = position.segment
    // One look is enough as long as there is none, however many files there are.
    guard let current = try directory.currentSegment(system), current.number > number else {
      return nil
    }
    return try listing.first(from: number + 1)
  }

  private mutating func finishSegment(_ following: SegmentName) throws(SystemCallError) {
    do throws(SystemCallError) {
      try file?.sync()
    } catch {
      // The writer met the same failure and wrote its batch again elsewhere.
    }
    file = nil
    position = SpoolPosition(segment: following.number, offset: 0)
  }
}
