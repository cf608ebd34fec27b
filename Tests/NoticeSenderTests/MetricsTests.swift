import Foundation
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

struct MetricsTests {
  /// The text format, read as strictly as its description says: each family once, help and type before its samples.
  private func parse(_ text: String) throws -> [String: Int] {
    #expect(text.hasSuffix("\n"))
    var samples: [String: Int] = [:]
    var families: Set<String> = []
    var family = ""
    for line in text.dropLast().components(separatedBy: "\n") {
      if let help = line.wholeMatch(of: /# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (?:[^\\]|\\\\|\\n)*/) {
        family = String(help.1)
        #expect(families.insert(family).inserted, "\(family) comes twice")
      } else if let type = line.wholeMatch(of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge)/)
      {
        #expect(String(type.1) == family)
        #expect(type.2 != "counter" || family.hasSuffix("_total"))
      } else {
        let label = /[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"/
        let sample = try #require(
          line.wholeMatch(of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (-?[0-9]+)/), "\(line)")
        #expect(String(sample.1) == family, "\(line)")
        if let labels = sample.2?.dropFirst().dropLast() {
          let rest = labels.replacing(label, with: "")
          #expect(rest.allSatisfy { $0 == "," }, "\(line)")
        }
        samples["\(sample.1)\(sample.2 ?? "")"] = Int(sample.3)
      }
    }
    return samples
  }

  @Test func `a sender writes its figures at its end`() throws {
    let fixture = try SenderFixture()
    try fixture.append(0..<20)
    let good = try HTTPReceiver()
    let away = try HTTPReceiver { _ in .status(503) }
    let path = "\(fixture.temporary.path)/notice.prom"
    try fixture.once([fixture.http(good), fixture.http(away, name: "away")], metrics: path)
    let samples = try parse(String(contentsOfFile: path, encoding: .utf8))
    #expect(samples[#"notice_delivered_total{destination="d0"}"#] == 20)
    #expect(samples[#"notice_pending{destination="d0"}"#] == 0)
    #expect(samples[#"notice_pending{destination="away"}"#] == 20)
    #expect(samples[#"notice_paused{destination="away"}"#] == 1)
    #expect(samples[#"notice_paused{destination="d0"}"#] == 0)
    #expect(samples[#"notice_attempts_total{destination="d0",result="delivered"}"#] == 20)
    let refused = samples[#"notice_attempts_total{destination="away",result="5xx"}"#] ?? 0
    #expect(refused > 0)
    #expect((samples["notice_spool_bytes"] ?? 0) > 0)
    #expect(samples["notice_rescued_total"] == 0)
    #expect(try fixture.files(fixture.temporary.path).allSatisfy { !$0.hasSuffix(".next") })
  }

  @Test func `the option --metrics counts before the file's, for once as well`() throws {
    let temporary = try TemporaryDirectory()
    let config = "\(temporary.path)/sender.yaml"
    let paths = ["file", "option"].map { "\(temporary.path)/\($0).prom" }
    try "spool: \(temporary.path)/spool\nmetrics: \(paths[0])\n".write(
      toFile: config, atomically: true, encoding: .utf8)
    let sender = SenderProgram(in: temporary)
    #expect(try sender.run(["once", "--config", config, "--metrics", paths[1]]).status == 0)
    #expect(!FileManager.default.fileExists(atPath: paths[0]))
    #expect(try parse(String(contentsOfFile: paths[1], encoding: .utf8)).count > 3)
    #expect(try sender.run(["once", "--config", config]).status == 0)
    #expect(FileManager.default.fileExists(atPath: paths[0]))
  }

  @Test func `figures that cannot be written hold up nothing`() throws {
    let fixture = try SenderFixture()
    try fixture.append(0..<3)
    let receiver = try HTTPReceiver()
    #expect(try fixture.once([fixture.http(receiver)], metrics: "/no/such/dir/notice.prom"))
    #expect(receiver.requestCount == 3)
  }

  @Test func `labels and help are escaped`() throws {
    var metrics = MetricsText()
    metrics.family("x_total", .counter, help: "a \\ and\na line")
    metrics.sample("x_total", [("destination", "a \"b\" \\ c\nd")], 1)
    #expect(
      metrics.text == """
        # HELP x_total a \\\\ and\\na line
        # TYPE x_total counter
        x_total{destination="a \\"b\\" \\\\ c\\nd"} 1

        """)
    #expect(try parse(metrics.text).count == 1)
  }
}
