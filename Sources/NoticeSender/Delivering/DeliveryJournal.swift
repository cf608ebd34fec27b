import Logging
import Notice
import Spool
import SystemCalls

/// What was delivered since the last checkpoint, in `state/<destination>.delivered`, a line for each delivery: after a kill,
/// no more is repeated than was under way. Never synced: a power cut may repeat what came after the checkpoint. A line
/// counts only for a record of that id at that place, so that no damage makes a record delivered that is not.
struct DeliveryJournal: ~Copyable {
  /// The place and the id: `spool 42 4711 019aaf3c-…`.
  struct Entry: Hashable {
    let place: PendingRecords.Place
    let id: String

    init(place: PendingRecords.Place, id: String) {
      self.place = place
      self.id = id
    }

    init?(line: ArraySlice<UInt8>) {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      guard words.count == 4, let origin = Checkpoint.Origin(rawValue: String(words[0])),
        let segment = Int(words[1]), let offset = Int(words[2])
      else { return nil }
      let position = SpoolPosition(segment: segment, offset: offset)
      self.init(place: .init(position: position, origin: origin), id: String(words[3]))
    }

    var line: String { "\(place.head)\(place.position.offset) \(id)\n" }

    /// Whether a lane that begins at this checkpoint meets the record.
    func isAhead(of checkpoint: Checkpoint) -> Bool {
      let position = place.position
      return switch place.origin {
      case .spool: checkpoint.isAhead(position)
      case .requeue, .replay:
        (position.segment, position.offset)
          >= (checkpoint.requeue.number, checkpoint.requeue.offset)
      }
    }
  }

  /// Of an earlier run, and not met again yet.
  private var earlier: Set<Entry> = []
  /// The segment written last, and how lines of it begin.
  private var head: (place: PendingRecords.Place, bytes: [UInt8])?
  private var unwritten: [UInt8] = []
  private var file: LineFile?
  private var isFailureTold = false
  private let path: String
  private let directory: String
  private let system: any SystemCalls
  private let log: Logger

  init(
    _ destination: String, _ directory: SpoolDirectory, _ system: any SystemCalls, _ log: Logger
  ) {
    path = "\(directory.state)/\(destination).delivered"
    self.directory = directory.state
    self.system = system
    self.log = log
    do throws(SystemCallError) {
      let lines = try LineSource(path: path, system)
      while let line = try lines.next() {
        if let entry = Entry(line: line) { earlier.insert(entry) }
      }
    } catch {
      if !error.isMissing { log.error("some deliveries may be repeated: \(error)") }
    }
  }

  /// Whether the record was delivered from there in an earlier run, after its last checkpoint; if so, it is not met again.
  mutating func take(_ record: NoticeRecord, at place: PendingRecords.Place) -> Bool {
    !earlier.isEmpty && earlier.remove(Entry(place: place, id: record.id)) != nil
  }

  /// One for each delivery: without a string, which costs as much as all else here.
  mutating func delivered(_ record: NoticeRecord, at place: PendingRecords.Place) {
    if head?.place.position.segment != place.position.segment || head?.place.origin != place.origin
    {
      head = (place, Array(place.head.utf8))
    }
    if let head { unwritten += head.bytes }
    unwritten.append(word: UInt(bitPattern: place.position.offset))
    let line = record.line
    unsafe line.span.extracting(record.idRange).withUnsafeBufferPointer {
      unsafe unwritten.append(contentsOf: $0)
    }
    unwritten.append(UInt8(ascii: "\n"))
  }

  /// Hands over to the kernel what was delivered, where a kill of this process does not reach it.
  mutating func write() {
    guard !unwritten.isEmpty else { return }
    defer { unwritten.removeAll(keepingCapacity: true) }
    do throws(SystemCallError) {
      if file == nil { file = try LineFile.open(path, in: directory, system) }
      try file?.append(unwritten, syncing: false)
      isFailureTold = false
    } catch {
      if isFailureTold { return }
      isFailureTold = true
      log.error("unable to note what was delivered; a kill may repeat more: \(error)")
    }
  }

  /// The checkpoint is durable: what it counts need not stand here.
  mutating func begin(after checkpoint: Checkpoint) {
    earlier = earlier.filter { $0.isAhead(of: checkpoint) }
    do throws(SystemCallError) {
      if file == nil { file = try LineFile.open(path, in: directory, system) }
      try file?.empty()
    } catch {
      // What stands there too long is not met again.
      return
    }
    for entry in earlier { unwritten += entry.line.utf8 }
    write()
  }
}

extension PendingRecords.Place {
  /// What stands before the offset.
  fileprivate var head: String { "\(origin.rawValue) \(position.segment) " }
}

extension [UInt8] {
  /// In decimal, a space behind it.
  fileprivate mutating func append(word number: UInt) {
    var digits = InlineArray<21, UInt8>(repeating: UInt8(ascii: " "))
    var first = digits.count - 1
    var rest = number
    repeat {
      first -= 1
      digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    unsafe digits.span.extracting(first...).withUnsafeBufferPointer {
      unsafe append(contentsOf: $0)
    }
  }
}
