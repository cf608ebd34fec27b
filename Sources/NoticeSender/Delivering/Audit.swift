import Destinations
import JSONText
import Notice
import Spool
import SystemCalls

/// Proves, by count and by id, that every record of the spool and its archive is, for each destination, delivered, filtered,
/// pending or dead; or says what does not add up.
struct Audit {
  struct Account {
    let destination: String
    /// Records that it has to get: those it has read and those behind.
    var accepted = 0
    var counts = Checkpoint.Counts()
    var pending = 0
    var findings: [String] = []
  }

  private(set) var accounts: [Account] = []
  /// What is wrong with the spool itself.
  private(set) var findings: [String] = []
  /// What is worth a look and may be in order.
  private(set) var notes: [String] = []
  /// Segments that have more records than when they were archived.
  private var surplus: [(records: Int, finding: String)] = []

  var isClean: Bool { findings.isEmpty && accounts.allSatisfy(\.findings.isEmpty) }

  /// `tables`: the databases of destinations that are such, by name.
  init(
    _ directory: SpoolDirectory, tables: [String: String], _ system: any SystemCalls
  ) throws {
    var ledgers: [DestinationLedger] = []
    for name in try KnownDestinations(directory, system).names {
      do {
        guard let checkpoint = try CheckpointStore(name, directory, system).peek() else {
          notes.append("\(name) has letters and no checkpoint: it is not accounted for")
          continue
        }
        ledgers.append(
          try DestinationLedger(checkpoint, tablePath: tables[name], in: directory, system))
      } catch {
        accounts.append(Account(destination: name, findings: ["\(error)"]))
      }
    }
    try scan(directory, &ledgers, system)
    if !surplus.isEmpty || ledgers.contains(where: { $0.hasSurplus }) {
      try allowForCopies(directory, &ledgers, system)
    }
    findings += surplus.map(\.finding)
    for ledger in ledgers {
      accounts.append(
        Account(
          destination: ledger.checkpoint.destination, accepted: ledger.records + ledger.behind,
          counts: ledger.checkpoint.counts, pending: ledger.pending, findings: ledger.conclude()))
    }
    accounts.sort { $0.destination < $1.destination }
  }

  private mutating func scan(
    _ directory: SpoolDirectory, _ ledgers: inout [DestinationLedger], _ system: any SystemCalls
  ) throws {
    let segments = try StoredSegment.all(directory, system)
    let index = try SegmentIndex(directory, system).entries()
    var present: Set<Int> = []
    for segment in segments {
      do throws(SystemCallError) {
        guard let lines = try segment.lines() else { continue }
        present.insert(segment.name.number)
        let counted = try Self.scan(segment, lines, &ledgers)
        if let entry = index[segment.name.number], entry != counted {
          let finding =
            "\(segment.name): \(counted.records) records and \(counted.damaged) damaged lines, but "
            + "\(entry.records) and \(entry.damaged) when it was archived"
          // An unfinished end, which counts as one damaged line, may have been cut off and kept since.
          if counted.records >= entry.records, counted.damaged >= entry.damaged - 1 {
            surplus.append((counted.records - entry.records, finding))
          } else {
            findings.append(finding)
          }
        }
      } catch {
        present.insert(segment.name.number)
        findings.append("\(segment.name) cannot be read to its end: \(error)")
      }
    }
    for (number, entry) in index where !present.contains(number) {
      for place in ledgers.indices { ledgers[place].add(number, entry) }
    }
    let known = present.union(index.keys).sorted()
    for (before, after) in zip(known, known.dropFirst()) where after > before + 1 {
      // A writer that ended between choosing a number and using it leaves one out.
      let gap = after == before + 2 ? "is no segment" : "are no segments \(before + 1) to"
      notes.append("there \(gap) \(after - 1): never begun, or taken away by hand")
    }
  }

  /// A writer that was stopped and lost its lock may bring its batch into a segment that all have read. It is not answered: it
  /// writes the batch again, where all find it. So what nobody read is in order as far as it is in the spool twice.
  private mutating func allowForCopies(
    _ directory: SpoolDirectory, _ ledgers: inout [DestinationLedger], _ system: any SystemCalls
  ) throws {
    var ids: Set<String> = []
    var copies = 0
    var records = RecordReader()
    for segment in try StoredSegment.all(directory, system) {
      guard let lines = try segment.lines() else { continue }
      while let line = try lines.next() {
        guard let record = try? records.record(of: line.span) else { continue }
        if !ids.insert(record.id).inserted { copies += 1 }
      }
    }
    if copies > 0 { notes.append("\(copies) records are in the spool a second time") }
    for place in ledgers.indices { ledgers[place].copiesMax = copies }
    if surplus.reduce(0, { $0 + $1.records }) <= copies { surplus = [] }
  }

  private static func scan(
    _ segment: StoredSegment, _ lines: LineSource, _ ledgers: inout [DestinationLedger]
  ) throws(SystemCallError) -> SegmentIndex.Entry {
    var entry = SegmentIndex.Entry()
    var records = RecordReader()
    while true {
      let position = SpoolPosition(segment: segment.name.number, offset: lines.offset)
      guard let line = try lines.next() else { break }
      if let record = try? records.record(of: line.span) {
        entry.records += 1
        for place in ledgers.indices { ledgers[place].add(record, at: position) }
      } else {
        entry.damaged += 1
        for place in ledgers.indices { ledgers[place].addDamage(at: position) }
      }
    }
    if segment.isFinished, !lines.rest.isEmpty {
      entry.damaged += 1
      let position = SpoolPosition(segment: segment.name.number, offset: lines.offset)
      for place in ledgers.indices { ledgers[place].addDamage(at: position) }
    }
    entry.bytes = lines.offset + lines.rest.count
    return entry
  }
}
