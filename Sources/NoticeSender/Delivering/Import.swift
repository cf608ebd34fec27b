import JSONText
import Notice
import Spool
import SystemCalls

/// Takes notices from elsewhere into the spool: bodies, one a line, and lines of a spool, which keep their id, their time
/// and what is known of their request.
struct Import {
  struct Outcome {
    var records = 0
    var bodies = 0
    /// Lines that are no JSON: in quarantine.
    var refused = 0
    var total: Int { records + bodies + refused }
  }

  private(set) var outcome = Outcome()
  private let writer: SpoolWriter
  private let quarantine: Quarantine
  private let system: any SystemCalls
  private var batch: [[UInt8]] = []
  private var batchBytes = 0

  /// Lines that share a sync.
  private static let batchLinesMax = 1000
  private static let batchBytesMax = 4 << 20
  /// What is kept of a line that is no notice.
  private static let quarantineBytesMax = 64 << 10

  init(_ directory: SpoolDirectory, _ system: any SystemCalls) {
    writer = SpoolWriter(directory, SpoolSettings(), system)
    quarantine = Quarantine(.refused, directory, SpoolSettings(), system)
    self.system = system
  }

  /// `progress` is called after each batch. When this returns, all of it is durable.
  mutating func take(
    _ lines: LineSource, name: String, progress: (Outcome) -> Void
  ) throws {
    while let line = try lines.next() {
      try take(line, name: name)
      guard batch.count >= Self.batchLinesMax || batchBytes >= Self.batchBytesMax else { continue }
      try commit()
      progress(outcome)
    }
    // A last line may lack its newline.
    try take(lines.rest, name: name)
    try commit()
  }

  private mutating func take(_ line: ArraySlice<UInt8>, name: String) throws {
    if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
    if let record = try? NoticeRecord(line: line.span), record.line.elementsEqual(line) {
      outcome.records += 1
      add(line + [UInt8(ascii: "\n")])
      return
    }
    let body: JSONText
    do throws(JSONTextError) {
      body = try JSONText(validating: line.span, finding: NoticeKind.bodyPaths)
    } catch {
      outcome.refused += 1
      try quarantine.keep(
        QuarantineEntry(
          reason: "imported, but not JSON: \(error)",
          bytes: Array(line.prefix(Self.quarantineBytesMax)), origin: .file(name)),
        syncing: true)
      return
    }
    outcome.bodies += 1
    // Of the request nothing is known.
    let request = ReceivedRequest(remote: "", method: "", path: "import/\(name)")
    add(
      NoticeRecord.line(
        for: body, kind: NoticeKind(of: body), request: request,
        receivedAt: system.realtimeNanoseconds(), random: system.random())[...])
  }

  private mutating func add(_ line: ArraySlice<UInt8>) {
    batch.append(Array(line))
    batchBytes += line.count
  }

  private mutating func commit() throws {
    guard !batch.isEmpty else { return }
    let result = writer.append(contentsOf: batch)
    if let error = result.error {
      throw Interrupted(
        durable: outcome.records + outcome.bodies - batch.count + result.committed, reason: error)
    }
    batch.removeAll(keepingCapacity: true)
    batchBytes = 0
  }

  struct Interrupted: Error, CustomStringConvertible {
    let durable: Int
    let reason: SpoolWriteError
    var description: String { "stopped after \(durable) records were taken in: \(reason)" }
  }
}
