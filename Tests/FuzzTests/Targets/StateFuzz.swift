import Delivery
import Logging
import Notice
import SystemCalls

@testable import NoticeSender
@testable import Spool

/// Files of `state/`. The first byte says which, and the second whether the content is closed by its checksum.
enum StateFuzz {
  private static let directory = SpoolDirectory("/spool")
  private static let log = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }

  static func run(_ input: [UInt8]) throws {
    guard input.count >= 2 else { return }
    var content = Array(input.dropFirst(2))
    if input[1] % 2 == 1 {
      ChecksumSeal.close(&content)
      content.append(0x0A)
    }
    switch input[0] % 5 {
    case 0: try checkpoint(content)
    case 1: try health(content)
    case 2: try index(content)
    case 3: try journals(content)
    default: try requeue(content)
    }
  }

  private static func checkpoint(_ content: [UInt8]) throws {
    let before = Checkpoint(destination: "crm", position: SpoolPosition(segment: 7, offset: 42))
    let path = "\(directory.state)/crm.json"
    let files = MemoryFiles([path: content, path + ".previous": try before.encoded()])
    let store = CheckpointStore("crm", directory, files, log)
    let read = try? Checkpoint(decoding: content)
    do {
      let loaded = try store.load()
      if let read {
        try expect(loaded == read, "a checkpoint is read as it is written")
        let again = try Checkpoint(decoding: read.encoded())
        try expect(again == read, "a checkpoint is written as it is read")
        try expect(loaded.oldest <= loaded.position, "what is pending lies before the position")
        try expect(
          loaded.position.segment >= 0 && loaded.position.offset >= 0, "a position is a place")
      } else {
        try expect(loaded == before, "after damage the checkpoint before counts")
        try expect(files.contents[path + ".damaged"] == content, "what is damaged is kept")
      }
    } catch is UnusableCheckpoint {
      try expect(files.contents[path] == content, "what a later version wrote stays")
    }
  }

  private static func health(_ content: [UInt8]) throws {
    let files = MemoryFiles(["\(directory.state)/crm.health": content])
    _ = LaneHealth.load("crm", directory, files)
  }

  private static func index(_ content: [UInt8]) throws {
    let files = MemoryFiles(["\(directory.state)/archived.ndjson": content])
    for (segment, entry) in try SegmentIndex(directory, files).entries() {
      try expect(
        segment > 0 && entry.records >= 0 && entry.damaged >= 0 && entry.bytes >= 0,
        "an entry counts")
    }
  }

  private static func journals(_ content: [UInt8]) throws {
    let files = MemoryFiles([
      "\(directory.state)/crm.delivered": content, "\(directory.state)/crm.duplicates": content,
    ])
    var journal = DeliveryJournal("crm", directory, files, log)
    journal.begin(
      after: Checkpoint(destination: "crm", position: SpoolPosition(segment: 2, offset: 0)))
    var memory = DuplicateMemory("crm", directory, files, log, countMax: 8)
    memory.save()
    for line in content.split(separator: 0x0A) {
      if let entry = DeliveryJournal.Entry(line: line) {
        var written = DeliveryLines()
        written.append(entry)
        try expect(
          DeliveryJournal.Entry(line: written.bytes.dropLast()) == entry,
          "an entry is written as it is read")
      }
      if let push = DeliveredPushes.Push(line: line) {
        try expect(
          DeliveredPushes.Push(line: push.line.dropLast()) == push,
          "a push is written as it is read")
      }
    }
  }

  private static func requeue(_ content: [UInt8]) throws {
    let path = "\(directory.state)/crm.requeue.3.ndjson"
    let files = MemoryFiles([path: content])
    let requeue = RequeueFiles("crm", directory, files)
    let letters = DeadLetters("crm", directory, files)
    var work = RequeueWork(Checkpoint.Requeue(number: 3, offset: 0), requeue, letters, files)
    var read = 0
    reading: while true {
      switch try work.next() {
      case .letter, .damaged: read += 1
      case .began: continue
      case .nothing: break reading
      }
    }
    let lines = content.split(separator: 0x0A, omittingEmptySubsequences: false)
    let hasRest = lines.last?.isEmpty == false
    try expect(read == lines.count - (hasRest ? 0 : 1), "every line is met once, the last as well")
    _ = try requeue.waiting(Checkpoint.Requeue(number: 3, offset: content.count / 2))
  }
}
