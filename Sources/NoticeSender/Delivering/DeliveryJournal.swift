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
        let segment = Int(words[1]), let offset = Int(words[2]), segment >= 0, offset >= 0
      else { return nil }
      let position = SpoolPosition(segment: segment, offset: offset)
      self.init(place: .init(position: position, origin: origin), id: String(words[3]))
    }

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
  private var unwritten = DeliveryLines()
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

  mutating func delivered(_ record: NoticeRecord, at place: PendingRecords.Place) {
    let line = record.line
    unwritten.append(place, id: line.span.extracting(record.idRange))
  }

  /// Hands over to the kernel what was delivered, where a kill of this process does not reach it.
  mutating func write() {
    guard !unwritten.bytes.isEmpty else { return }
    defer { unwritten.removeAll() }
    do throws(SystemCallError) {
      if file == nil { file = try LineFile.open(path, in: directory, system) }
      try file?.append(unwritten.bytes, syncing: false)
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
    for entry in earlier { unwritten.append(entry) }
    write()
  }
}
