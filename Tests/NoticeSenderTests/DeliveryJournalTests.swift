import Foundation
import Logging
import Notice
import Spool
import TestSupport
import Testing

@testable import NoticeSender

struct DeliveryJournalTests {
  private let fixture: SenderFixture
  private let records: [NoticeRecord]
  private var path: String { "\(fixture.directory.state)/d0.delivered" }

  init() throws {
    fixture = try SenderFixture(segmentBytesMax: 1 << 20)
    try fixture.append(0..<10)
    records = try fixture.records()
  }

  private func journal() -> DeliveryJournal {
    DeliveryJournal(
      "d0", fixture.directory, fixture.system,
      Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func place(
    _ offset: Int, _ origin: Checkpoint.Origin = .spool
  ) -> PendingRecords.Place {
    .init(position: SpoolPosition(segment: 1, offset: offset), origin: origin)
  }

  /// What a journal says of records at places, asked for in this order.
  private func taken(
    _ asked: [(record: Int, place: PendingRecords.Place)], from journal: consuming DeliveryJournal
  ) -> [Bool] {
    asked.map { journal.take(records[$0.record], at: $0.place) }
  }

  @Test func `what was written is known after a kill, once, and only at its place`() {
    var journal = journal()
    journal.delivered(records[0], at: place(0))
    journal.delivered(records[1], at: place(700, .requeue))
    journal.write()
    journal.delivered(records[2], at: place(800))
    let answers = taken(
      [
        (0, place(1)), (0, place(0, .replay)), (1, place(0)), (2, place(800)), (0, place(0)),
        (0, place(0)), (1, place(700, .requeue)),
      ], from: self.journal())
    #expect(answers == [false, false, false, false, true, false, true])
  }

  @Test func `a checkpoint takes away what it counts, and keeps what is ahead of it`() {
    var journal = journal()
    for (index, record) in records.enumerated() { journal.delivered(record, at: place(index)) }
    journal.write()
    var again = self.journal()
    let isFirstTaken = again.take(records[0], at: place(0))
    #expect(isFirstTaken)
    again.begin(
      after: Checkpoint(destination: "d0", position: SpoolPosition(segment: 1, offset: 4)))
    let answers = taken(records.indices.map { ($0, place($0)) }, from: self.journal())
    #expect(answers == records.indices.map { $0 >= 4 })
  }

  @Test func `no damage makes a record delivered that was not`() throws {
    var journal = journal()
    journal.delivered(records[0], at: place(0))
    journal.write()
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for offset in whole.indices {
      for content in [whole.prefix(offset), whole.flipped(at: offset)] {
        try content.write(to: URL(fileURLWithPath: path))
        let answers = taken(records.indices.map { ($0, place($0)) }, from: self.journal())
        #expect(!answers.contains(true))
      }
    }
  }

  @Test func `a file that cannot be written costs only what it would have told`() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let receiver = try HTTPReceiver()
    #expect(try fixture.once([fixture.http(receiver)]))
    #expect(receiver.requestCount == 10)
  }

  @Test func `a sender that was killed goes on behind what it delivered, and counts it`() throws {
    var journal = journal()
    var offset = 0
    for record in records {
      if offset > 0 { journal.delivered(record, at: place(offset)) }
      offset += record.line.count + 1
    }
    journal.write()
    let receiver = try HTTPReceiver()
    #expect(try fixture.once([fixture.http(receiver)]))
    #expect(receiver.messageIDs == ["0"])
    #expect(try fixture.checkpoint().counts.delivered == 10)
    #expect(try fixture.findings() == [])
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)).isEmpty)
  }
}

extension Data {
  fileprivate func flipped(at offset: Int) -> Data {
    var copy = self
    copy[offset] ^= 1
    return copy
  }
}
