import Delivery
import Destinations
import Foundation
import Logging
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

/// A segment that cannot be read holds up nothing, and nothing in it is lost.
struct UnreadableSegmentTests {
  private let fixture: SenderFixture
  private let faulty = FaultySystemCalls()

  init() throws {
    fixture = try SenderFixture(segmentBytesMax: 1200)
    try fixture.append(0..<20)
  }

  private var names: [String] {
    get throws { try fixture.files(fixture.directory.segments) }
  }

  private func once(_ receiver: HTTPReceiver, order: DeliveryOrder = .chat) throws -> Bool {
    var destination = fixture.http(receiver)
    destination.order = order
    return try Supervisor(
      SenderSettings(
        spool: fixture.directory.path, destinations: [destination],
        archive: ArchiveSettings(form: .gzip, daysMax: nil)),
      mode: .once, faulty
    ).run()
  }

  private func delivered(_ receiver: HTTPReceiver) -> [Int] {
    receiver.messageIDs.compactMap { Int($0) }
  }

  // MARK: Passing over

  @Test(arguments: [EIO, EACCES, ELOOP, EISDIR])
  func `it is passed over, stays where it is, and is delivered once it can be read`(errno: Int32)
    throws
  {
    let receiver = try HTTPReceiver()
    let bad = try names[2]
    faulty.failAlways("open", bad, errno: errno)
    #expect(try !once(receiver))
    let first = delivered(receiver)
    #expect(first.count < 20 && first.contains(19), "what follows it is delivered")
    #expect(try names.first == bad, "it is not retired, and those behind it wait")
    let checkpoint = try fixture.checkpoint()
    #expect(checkpoint.unread == [SpoolPosition(segment: 3, offset: 0)])
    #expect(checkpoint.segmentNeeded == 3)
    #expect(checkpoint.counts.delivered == first.count && checkpoint.counts.lost == 0)
    // What can be read by others is accounted for as pending.
    #expect(try fixture.findings() == [])
    #expect(try fixture.audit().accounts[0].pending == 20 - first.count)

    // Still not: nothing changes.
    #expect(try !once(receiver))
    #expect(delivered(receiver).count == first.count)

    faulty.heal()
    #expect(try once(receiver))
    #expect(Set(delivered(receiver)) == Set(0..<20))
    #expect(delivered(receiver).count == 20, "nothing is delivered twice")
    #expect(try fixture.checkpoint().unread == nil)
    #expect(try fixture.findings() == [])
    #expect(try names.count == 1, "all but the active one are retired")
  }

  @Test(arguments: ["open", "lstat", "pread"])
  func `what fails for a moment costs no order`(call: String) throws {
    let receiver = try HTTPReceiver()
    for number in 1...2 { faulty.fail(call, try names[2], call: number, errno: EIO) }
    #expect(try once(receiver, order: .strict))
    #expect(delivered(receiver) == Array(0..<20))
  }

  @Test func `one that breaks off in its middle goes on there`() throws {
    let fixture = try SenderFixture(segmentBytesMax: 1_000_000)
    // Larger than two reads of 256 KiB.
    try fixture.append(0..<2000)
    let bad = try fixture.files(fixture.directory.segments)[0]
    try FileManager.default.removeItem(atPath: fixture.directory.current)
    try FileManager.default.createSymbolicLink(
      atPath: fixture.directory.current,
      withDestinationPath: "segments/000002-20261122T064832Z.ndjson")
    let writer = SpoolWriter(fixture.directory, SpoolSettings(), fixture.system)
    let line = try #require(try fixture.records().last).line + [UInt8(ascii: "\n")]
    try writer.append(line)
    faulty.failAlways("pread", bad, from: 2, errno: EIO)
    let receiver = try HTTPReceiver()
    let settings = SenderSettings(
      spool: fixture.directory.path, destinations: [fixture.http(receiver)])
    #expect(try !Supervisor(settings, mode: .once, faulty).run())
    let gap = try #require(try fixture.checkpoint().unread?.first)
    #expect(gap.segment == 1 && gap.offset > 100_000)
    #expect(try fixture.findings() == [])
    faulty.heal()
    #expect(try Supervisor(settings, mode: .once, faulty).run())
    #expect(receiver.requestCount == 2001)
    #expect(try fixture.findings() == [])
  }

  @Test func `a link in its place is not followed`() throws {
    let receiver = try HTTPReceiver()
    let path = "\(fixture.directory.segments)/\(try names[1])"
    let aside = "\(fixture.temporary.path)/aside"
    try FileManager.default.moveItem(atPath: path, toPath: aside)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/etc/passwd")
    #expect(try !once(receiver))
    #expect(delivered(receiver).contains(19))
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.moveItem(atPath: aside, toPath: path)
    #expect(try once(receiver))
    #expect(Set(delivered(receiver)) == Set(0..<20))
    #expect(try fixture.findings() == [])
  }

  @Test func `what the process lacks is no segment's fault, and costs no order`() throws {
    let receiver = try HTTPReceiver()
    faulty.failAlways("open", try names[2], errno: EMFILE)
    #expect(try !once(receiver))
    #expect(try fixture.checkpoint().unread == nil)
    faulty.heal()
    #expect(try once(receiver))
    for chat in 0..<3 {
      let numbers = delivered(receiver).filter { $0 % 3 == chat }
      #expect(numbers == Array(stride(from: chat, to: 20, by: 3)))
    }
  }

  // MARK: A sender that stays

  @Test func `it is waited for before it is passed over, and tried again once a minute`() throws {
    let receiver = try HTTPReceiver()
    let bad = try names[2]
    faulty.failAlways("open", bad, errno: EIO)
    let stop = try Latch()
    let report = Monitor(LaneReport())
    nonisolated(unsafe) var lane = try Lane(
      fixture.http(receiver), mode: .run, in: fixture.directory,
      damage: DamageLog(fixture.directory, faulty, Self.silent), stop: stop, report: report,
      faulty, Self.silent)
    let thread = try WorkerThread(name: "lane", stackBytes: 1 << 20) { unsafe lane.run() }
    defer {
      stop.open()
      thread.join()
    }
    let ahead = try names.prefix(2).reduce(0) { count, name in
      let path = "\(fixture.directory.segments)/\(name)"
      return try count + Data(contentsOf: URL(fileURLWithPath: path)).count { $0 == 0x0A }
    }
    try eventually("those before it are delivered") { receiver.requestCount >= ahead }
    let before = receiver.requestCount
    let looked = faulty.count("open", bad)
    try eventually("it is tried again") { faulty.count("open", bad) > looked + 1 }
    #expect(receiver.requestCount == before, "it may be readable in a moment")

    faulty.advance(seconds: 31)
    try eventually("those behind it are delivered") { delivered(receiver).contains(19) }
    #expect(receiver.requestCount < 20)

    faulty.heal()
    faulty.advance(seconds: 61)
    try eventually("it is delivered") { Set(delivered(receiver)) == Set(0..<20) }
    #expect(receiver.requestCount == 20)
  }

  private static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  // MARK: Pending records

  @Test func `a pending record whose segment cannot be read stays pending`() throws {
    let receiver = try HTTPReceiver { request in
      String(decoding: request.body, as: UTF8.self).contains(#""messageId":"2""#)
        ? .status(500) : .ok
    }
    #expect(try !once(receiver))
    let pending = try fixture.checkpoint().unsettled
    #expect(pending.count > 0)
    let healthy = try HTTPReceiver()
    faulty.failAlways("open", try names[0], errno: EIO)
    #expect(try !once(healthy))
    var checkpoint = try fixture.checkpoint()
    // The rest of its chat goes on: its failure holds it no more than its time.
    let unreadable = pending.map(\.position).filter { $0.segment == 1 }
    #expect(!unreadable.isEmpty)
    #expect(Set(unreadable).isSubset(of: checkpoint.unsettled.map(\.position)))
    #expect(checkpoint.counts.lost == 0)
    #expect(try fixture.findings() == [])

    faulty.heal()
    try fixture.change { checkpoint in
      for index in checkpoint.unsettled.indices { checkpoint.unsettled[index].nextAttemptAt = nil }
    }
    #expect(try once(healthy))
    checkpoint = try fixture.checkpoint()
    #expect(checkpoint.counts.delivered == 20 && checkpoint.counts.lost == 0)
    #expect(try fixture.findings() == [])
  }

  // MARK: Those who look

  @Test func `an audit names it, status and figures go on`() throws {
    let receiver = try HTTPReceiver()
    let bad = try names[2]
    faulty.failAlways("open", bad, errno: EIO)
    #expect(try !once(receiver))
    let audit = try Audit(fixture.directory, tables: [:], faulty)
    #expect(!audit.isClean)
    #expect(audit.findings.contains { $0.contains(bad) })
    #expect(audit.accounts[0].findings == [], "what is behind it is accounted for")
    var backlog = Backlog(fixture.directory, faulty)
    let status = try SpoolStatus(fixture.directory, backlog: &backlog, faulty)
    #expect(status.destinations[0].unread == [3])
    #expect(status.text.contains("unable to read segment 3"))
    var figures = MetricsFile("\(fixture.temporary.path)/figures", fixture.directory, faulty)
    let report = LaneReport(checkpoint: try fixture.checkpoint())
    let text = try figures.text([.init(name: "d0", report: report)], rescued: 0)
    #expect(text.contains(#"notice_unread_segments{destination="d0"} 1"#))
  }

  @Test func `one that cannot be archived does not keep the others`() throws {
    let receiver = try HTTPReceiver()
    let bad = try names[1]
    // The lane reads it, and the archive's own reading fails.
    faulty.failAlways("open", "archive/\(bad)", errno: EIO)
    #expect(try once(receiver))
    #expect(try names.count == 2 && names[0] == bad)
    faulty.heal()
    #expect(try once(receiver))
    #expect(try names.count == 1)
    #expect(try fixture.findings() == [])
  }
}
