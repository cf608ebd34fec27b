import Delivery
import Destinations
import Foundation
import JSONText
import Logging
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

struct ReportTests {
  private let fixture: SenderFixture

  init() throws {
    fixture = try SenderFixture(segmentBytesMax: 1 << 20)
  }

  private static let hostile = #""><script>alert(1)</script><img src=x onerror='alert(2)'>"#

  private func append(_ data: String) throws {
    let body = try JSONText(
      validating: Array(#"{"data":{\#(data)}}"#.utf8), finding: NoticeKind.bodyPaths)
    try fixture.writer.append(
      NoticeRecord.line(
        for: body, kind: .message,
        request: ReceivedRequest(remote: "", method: "GET", path: "/notice"),
        receivedAt: fixture.system.realtimeNanoseconds(), random: fixture.system.random()))
  }

  private func page(texts: Bool = false) throws -> String {
    let settings = ReportSettings(directory: fixture.temporary.path, showsTexts: texts)
    var file = ReportFile(settings, fixture.directory, fixture.system)
    try file.write()
    return try String(contentsOfFile: "\(fixture.temporary.path)/index.html", encoding: .utf8)
  }

  @Test func `whatever others wrote is text, never markup`() throws {
    let name = Self.hostile.replacing("\"", with: "\\\"")
    try append(
      #""messageId":"1","chatId":"c","roomId":"r","roomTopic":"\#(name)","contactName":"\#(name)","type":"\#(name)","payload":{"text":"\#(name)"}"#
    )
    let receiver = try HTTPReceiver()
    #expect(try fixture.once([fixture.http(receiver)]))
    try fixture.letters().append(
      try fixture.records()[0], attempts: 2,
      outcome: .answered(status: 422, retryAfterSeconds: nil, excerpt: Array(Self.hostile.utf8)),
      isReplay: false)
    let quarantine = Quarantine(.refused, fixture.directory, SpoolSettings(), fixture.system)
    try quarantine.keep(
      QuarantineEntry(
        reason: Self.hostile, bytes: [],
        origin: .request(
          ReceivedRequest(remote: "", method: "GET", path: "/"), status: 400,
          problem: Self.hostile, bytesTotal: 0)), syncing: false)
    let page = try page(texts: true)
    #expect(page.contains("&quot;&gt;&lt;script&gt;alert(1)"))
    #expect(page.ranges(of: "<script>").count == 1)
    #expect(!page.contains("<img"))
    #expect(page.ranges(of: "&lt;script&gt;alert(1)").count >= 5)
  }

  @Test func `the page asks for nothing, and holds no token and no text unless asked for`() throws {
    for _ in 0..<3 {
      try append(
        #""messageId":"1","chatId":"c","contactName":"Li","type":7,"token":"secret-credential","payload":{"text":"strictly private"}"#
      )
    }
    for page in [try page(), try page(texts: true)] {
      for outside in ["http://", "https://", "src=", "url(", "@import", "<link", "<iframe"] {
        #expect(!page.contains(outside), "\(outside)")
      }
      #expect(!page.contains("secret-credential"))
    }
    #expect(try !page().contains("strictly private"))
    #expect(try page(texts: true).ranges(of: "strictly private").count == 3)
  }

  @Test func `it shows what came, what waits and why, and what was given up`() throws {
    try fixture.append(0..<60)
    let receiver = try HTTPReceiver()
    let away = "http://127.0.0.1:\(try freePort())"
    var dead = fixture.http(receiver, name: "away")
    dead.kind = .http(.init(url: away, body: .original, userAgent: "test"))
    #expect(try !fixture.once([fixture.http(receiver), dead]))
    try fixture.bury(try fixture.records()[3])
    let page = try page()
    #expect(
      page.contains("<b>60</b> <span class=\"en\" lang=\"en\">messages, last 24 hours</span>"))
    #expect(page.contains("<b>60</b> <span class=\"en\" lang=\"en\">waiting for a destination"))
    #expect(page.contains("<p class=\"tile bad\"><b>1</b> <span class=\"en\" lang=\"en\">given up"))
    #expect(page.contains("connection refused by 127.0.0.1"), "the last error of each")
    #expect(page.contains("answered 422: no"))
    #expect(page.contains("<tr><th scope=\"row\">text</th>"))
    #expect(page.contains("最活跃的聊天"))
  }

  @Test func `the time axis names round hours, and the days that begin`() throws {
    let labels = try page().matches(of: /dy="1.5em" text-anchor="middle">([^<]*)</).map(\.1)
    #expect((3...5).contains(labels.count), "\(labels)")
    #expect(labels.allSatisfy { $0.wholeMatch(of: /(06|12|18):00|[01]\d-[0-3]\d/) != nil })
  }

  @Test func `a bar shows what waits behind what is delivered`() {
    let bar = ReportChart.bar([(60, "bar"), (0, "empty"), (20, "waiting")], of: 80).markup
    #expect(bar.contains(#"<rect class="bar" x="0" width="75" height="8"/>"#))
    #expect(bar.contains(#"<rect class="waiting" x="75" width="25" height="8"/>"#))
    #expect(!bar.contains("empty"))
    #expect(!ReportChart.bar([(0, "bar")], of: 0).markup.contains("rect"))
  }

  @Test func `an empty spool has a page as well`() throws {
    #expect(try page().contains("none yet"))
  }

  @Test func `what comes later is added, and what is too old is forgotten`() throws {
    try fixture.append(0..<10)
    var reader = TrafficReader(hours: 1, textsMax: 3, fixture.directory, fixture.system)
    let now = Timestamp(milliseconds: fixture.system.realtimeNanoseconds() / 1_000_000)
    let isWhole = try reader.update(now: now) { false }
    let first = reader.traffic.total
    try fixture.append(10..<25)
    _ = try reader.update(now: now) { false }
    let second = (reader.traffic.total, reader.texts.count)
    _ = try reader.update(now: Timestamp(milliseconds: now.milliseconds + 7_300_000)) { false }
    #expect(isWhole && first == 10 && second == (25, 3))
    #expect(reader.traffic.total == 0 && reader.traffic.types.isEmpty)
    var stopped = TrafficReader(hours: 1, textsMax: 0, fixture.directory, fixture.system)
    let isStoppedWhole = try stopped.update(now: now) { true }
    #expect(!isStoppedWhole)
  }

  @Test(arguments: [
    (0.0, 0.25), (1.0, 0.25), (1.5, 0.5), (9.0, 5.0), (21.0, 10.0), (375.0, 100.0),
    (7999.0, 2000.0),
  ])
  func `a scale has four steps to a round number`(value: Double, step: Double) {
    #expect(ReportChart.scale(upTo: value) == (0...4).map { Double($0) * step })
  }

  @Test func `numbers are written as SVG reads them`() {
    #expect(
      [0, 0.5, 0.05, 12.345, 700].map(ReportChart.text) == ["0", "0.5", "0.05", "12.35", "700"])
  }

  @Test func `run writes the page by itself, where the settings say`() throws {
    let folder = "\(fixture.temporary.path)/www"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    var writer = ReportWriter(nil, fixture.directory, fixture.system, log)
    writer.use(ReportSettings(directory: folder))
    try eventually("the page is there") {
      FileManager.default.fileExists(atPath: "\(folder)/index.html")
    }
    writer.end()
    let settings = try SettingsFile(
      parsing: "report: {directory: /var/www/notice, hours: 48, texts: true}", file: "s.yaml",
      environment: [:])
    #expect(
      settings.report
        == ReportSettings(directory: "/var/www/notice", hours: 48, showsTexts: true))
  }
}
