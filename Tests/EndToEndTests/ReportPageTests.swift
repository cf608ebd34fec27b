import Foundation
import TestSupport
import Testing

/// The page in a real browser, as a person loads it.
struct ReportPageTests {
  private let temporary: TemporaryDirectory
  private let page: String

  init() throws {
    temporary = try TemporaryDirectory()
    let spool = "\(temporary.path)/spool"
    let bodies = try Samples.names.map { name in
      String(decoding: try Samples.bytes(name), as: UTF8.self).replacing("\n", with: " ")
    }
    let hostile = (0..<5).map { number in
      #"{"data":{"messageId":"\#(number)","chatId":"h","roomId":"h","roomTopic":"<script>document.title='taken'</script>\#(String(repeating: "很长的名字", count: 30))","payload":{}}}"#
    }
    try (bodies + hostile).map { $0 + "\n" }.joined().write(
      toFile: "\(temporary.path)/bodies.ndjson", atomically: false, encoding: .utf8)
    for arguments in [
      ["import", "--spool", spool, "\(temporary.path)/bodies.ndjson"],
      ["once", "--spool", spool, "--to", "a-destination=http://127.0.0.1:\(try freePort())"],
      ["report", "--spool", spool, "--out", temporary.path, "--texts"],
    ] {
      let result = try Programs.run(Programs.sender, arguments)
      guard result.status == 0 || arguments[0] == "once" else { throw TestFailure(result.output) }
    }
    page = "\(temporary.path)/index.html"
  }

  private func chromium(_ arguments: [String]) throws -> String {
    let output = "\(temporary.path)/dom-\(UUID().uuidString)"
    let browser = try ChildProcess(
      "/bin/sh",
      [
        "-c", "exec chromium \"$@\" >'\(output)' 2>'\(output).log'", "chromium", "--headless",
        "--no-sandbox", "--disable-gpu", "--disable-gpu-watchdog", "--disable-dev-shm-usage",
        "--hide-scrollbars", "--user-data-dir=\(temporary.path)/profile",
        "--virtual-time-budget=2000",
      ] + arguments,
      environment: ["HOME": temporary.path, "PATH": "/usr/bin:/bin"],
      log: "\(output).start")
    guard browser.wait() == 0 else {
      throw TestFailure(
        "chromium: \((try? String(contentsOfFile: "\(output).log", encoding: .utf8)) ?? "")")
    }
    return try String(contentsOfFile: output, encoding: .utf8)
  }

  /// Width by height, the theme, the language asked for.
  @Test(.serialized, arguments: [("1100,1600", false, "#en"), ("390,1600", true, "#zh")])
  func `it fits its window, in either theme and language, and runs nothing of others`(
    window: String, isDark: Bool, language: String
  ) throws {
    // The page itself says what it measures; the measuring is added to a copy.
    let measured = "\(temporary.path)/measured.html"
    let probe = """
      <script>addEventListener("load", () => {
      const shown = (name) => getComputedStyle(document.querySelector("h2 " + name)).display !== "none";
      const places = (name) => [...document.querySelectorAll(name)].map((one) => one.getBoundingClientRect());
      document.body.dataset.probe = [document.documentElement.scrollWidth <= innerWidth, shown(".en"), shown(".zh"),
      places("section *").every((place) => place.left >= 0 && place.right <= innerWidth),
      places("text").length > 5 && places("text").every((place) => place.height >= 12),
      document.title, getComputedStyle(document.body).backgroundColor,
      performance.getEntriesByType("resource").length].join("|");
      });</script>
      """
    try String(contentsOfFile: page, encoding: .utf8)
      .replacing("</body>", with: probe + "</body>")
      .write(toFile: measured, atomically: false, encoding: .utf8)
    let theme = isDark ? ["--blink-settings=preferredColorScheme=0"] : []
    let dom = try chromium(
      theme + ["--window-size=\(window)", "--dump-dom", "file://\(measured)\(language)"])
    let isChinese = language == "#zh"
    let ground = isDark ? "rgb(20, 22, 26)" : "rgb(251, 251, 250)"
    #expect(
      dom.contains("data-probe=\"true|\(!isChinese)|\(isChinese)|true|true|notice|\(ground)|0\""),
      "\(dom.firstRange(of: "data-probe").map { String(dom[$0.lowerBound...].prefix(120)) } ?? "no probe")"
    )
  }
}
