import Notice

/// The page that shows a ``Report``: one file of HTML that asks for nothing else, in English and Chinese, light and dark.
struct ReportPage {
  let report: Report
  private static let chatsMax = 10

  init(_ report: Report) { self.report = report }

  var html: HTML {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <meta name="color-scheme" content="light dark">
    <meta http-equiv="refresh" content="60">
    <title>notice</title>
    <style>\(ReportStyle.css)</style>
    </head>
    <body>
    <input type="radio" name="language" id="english" value="en" checked>\
    <input type="radio" name="language" id="chinese" value="zh">
    <header><h1>notice</h1><p>\(Self.words("as of", "截至")) <time>\(LocalTime.text(report.time))</time></p>
    <p class="language"><label for="english" lang="en">English</label>\
    <label for="chinese" lang="zh">中文</label></p></header>
    <main>
    \(tiles)\(traffic)\(destinations)<div class="pair">\(types)\(chats)</div>\
    \(refusals)\(letters)\(texts)\
    </main>
    <script>\(ReportStyle.script)</script>
    </body>
    </html>

    """
  }

  static func words(_ english: String, _ chinese: String) -> HTML {
    "<span class=\"en\" lang=\"en\">\(english)</span><span class=\"zh\" lang=\"zh\">\(chinese)</span>"
  }

  func section(_ english: String, _ chinese: String, _ content: HTML) -> HTML {
    "<section><h2>\(Self.words(english, chinese))</h2>\n\(content)</section>\n"
  }

  var span: (english: String, chinese: String) {
    report.hours == 1
      ? ("last hour", "最近 1 小时") : ("last \(report.hours) hours", "最近 \(report.hours) 小时")
  }

  // MARK: At a glance

  private var tiles: HTML {
    let pending = report.status.destinations.map(\.pending).max() ?? 0
    let dead = report.status.destinations.map(\.counts.dead).reduce(0, +)
    let refused = report.refusals.map(\.count).reduce(0, +)
    return """
      <div class="tiles">
      \(tile(report.traffic.total, ("messages, " + span.english, "消息，" + span.chinese), isBad: false))\
      \(tile(pending, ("waiting for a destination", "等待投递"), isBad: false))\
      \(tile(dead, ("given up", "投递失败"), isBad: dead > 0))\
      \(tile(refused, ("refused, " + span.english, "被拒绝，" + span.chinese), isBad: refused > 0))\
      </div>

      """
  }

  private func tile(_ number: Int, _ label: (String, String), isBad: Bool) -> HTML {
    "<p class=\"tile\(isBad ? " bad" : "")\"><b>\(number)</b> \(Self.words(label.0, label.1))</p>\n"
  }

  // MARK: Destinations

  private var destinations: HTML {
    let all = report.status.destinations
    guard !all.isEmpty else {
      return section("Destinations", "目的地", "<p>\(Self.words("none yet", "暂无"))</p>\n")
    }
    let delivered = "<i class=\"key\"></i>" + Self.words("delivered", "已投递")
    let pending = "<i class=\"key waiting\"></i>" + Self.words("pending", "待投递")
    let filtered = Self.words("left out", "已过滤")
    let oldest = Self.words("oldest", "最早")
    let dead = Self.words("given up", "失败")
    let greatest = all.map { $0.counts.delivered + $0.pending }.max() ?? 0
    let rows = all.map { destination -> HTML in
      let bar = ReportChart.bar(
        [(destination.counts.delivered, "bar"), (destination.pending, "waiting")], of: greatest)
      return """
        <tr><th scope="row">\(destination.name)</th><td>\(state(destination))</td>\
        <td class="drawn">\(bar)</td>\
        \(number(destination.counts.delivered, delivered))\
        \(number(destination.pending, pending))\
        \(cell(age(destination), oldest))\
        \(number(destination.counts.filtered, filtered))\
        \(number(destination.counts.dead, dead, isBad: destination.counts.dead > 0))</tr>\
        \(explanation(destination))

        """
    }
    return section(
      "Destinations", "目的地",
      """
      <table class="stack destinations"><thead><tr><th>\(Self.words("name", "名称"))</th>\
      <th>\(Self.words("state", "状态"))</th><th></th>\
      <th class="number">\(delivered)</th>\
      <th class="number">\(pending)</th>\
      <th class="number">\(oldest)</th><th class="number">\(filtered)</th>\
      <th class="number">\(dead)</th></tr></thead><tbody>
      \(rows.joined())</tbody></table>

      """)
  }

  /// A cell that says what it is where there is no room for the table's head.
  private func cell(_ value: String, _ label: HTML, isBad: Bool = false) -> HTML {
    "<td class=\"number\(isBad ? " bad" : "")\"><span class=\"label\">\(label)</span>\(value)</td>"
  }

  private func number(_ value: Int, _ label: HTML, isBad: Bool = false) -> HTML {
    cell("\(value)", label, isBad: isBad)
  }

  private func age(_ destination: SpoolStatus.Destination) -> String {
    destination.oldest.map { SpoolStatus.duration(report.time, since: $0) } ?? "–"
  }

  private func state(_ destination: SpoolStatus.Destination) -> HTML {
    switch destination.state {
    case .running: "<span class=\"good\">\(Self.words("running", "运行中"))</span>"
    case .paused: "<span class=\"bad\">\(Self.words("paused", "已暂停"))</span>"
    case .stopped: "<span class=\"bad\">\(Self.words("stopped", "已停止"))</span>"
    case .unknown: "<span class=\"bad\">\(Self.words("unknown", "未知"))</span>"
    }
  }

  /// What is wrong with it, and what to do.
  private func explanation(_ destination: SpoolStatus.Destination) -> HTML {
    switch destination.state {
    case .running, .stopped(nil): ""
    case .unknown(let reason): "<tr class=\"why\"><td colspan=\"8\">\(reason)</td></tr>"
    case .paused(let health), .stopped(.some(let health)):
      """
      <tr class="why"><td colspan="8">\(Self.words("since", "自")) \
      <time>\(LocalTime.text(health.since))</time>: \(health.reason ?? "")\
      <br>→ \(health.advice ?? "")</td></tr>
      """
    }
  }

  // MARK: What came

  private var types: HTML {
    let rows = report.traffic.types.map { (label: $0.name, count: $0.count) }
    return ranking("Types, \(span.english)", "类型，\(span.chinese)", rows)
  }

  private var chats: HTML {
    let rows = report.traffic.chats(most: Self.chatsMax).map {
      (label: ($0.isRoom ? "# " : "") + $0.name, count: $0.count)
    }
    return ranking("Busiest chats, \(span.english)", "最活跃的聊天，\(span.chinese)", rows)
  }

  private func ranking(
    _ english: String, _ chinese: String, _ rows: [(label: String, count: Int)]
  ) -> HTML {
    guard let greatest = rows.map(\.count).max() else { return "" }
    let lines = rows.map { row -> HTML in
      """
      <tr><th scope="row">\(row.label)</th>\
      <td class="drawn">\(ReportChart.bar([(row.count, "bar")], of: greatest))</td>\
      <td class="number">\(row.count)</td></tr>

      """
    }
    return section(
      english, chinese, "<table class=\"ranking\"><tbody>\n\(lines.joined())</tbody></table>\n")
  }

  // MARK: What went wrong

  private var refusals: HTML {
    ranking(
      "Refused, \(span.english)", "被拒绝的请求，\(span.chinese)",
      report.refusals.map { (label: $0.reason, count: $0.count) })
  }

  private var letters: HTML {
    guard !report.letters.isEmpty else { return "" }
    let attempts = Self.words("attempts", "次数")
    let rows = report.letters.map { letter -> HTML in
      let time = Timestamp(rfc3339: letter.time).map(LocalTime.text) ?? letter.time
      return """
        <tr><td><time>\(time)</time></td><th scope="row">\(letter.destination)</th>\
        <td class="id"><code>\(letter.id)</code></td>\(number(letter.attempts ?? 0, attempts))</tr>\
        <tr class="why"><td colspan="4">\(letter.reason)</td></tr>

        """
    }
    return section(
      "Given up last", "最近投递失败",
      """
      <table class="stack letters"><thead><tr><th>\(Self.words("time", "时间"))</th>\
      <th>\(Self.words("destination", "目的地"))</th><th>id</th>\
      <th class="number">\(attempts)</th></tr></thead><tbody>
      \(rows.joined())</tbody></table>

      """)
  }

  private var texts: HTML {
    guard !report.texts.isEmpty else { return "" }
    let lines = report.texts.reversed().map { "<li>\($0)</li>\n" as HTML }
    return section("Last messages", "最近消息", "<ol class=\"texts\">\n\(lines.joined())</ol>\n")
  }
}
