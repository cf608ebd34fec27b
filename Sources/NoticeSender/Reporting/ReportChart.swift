/// The page's drawings, as SVG that takes its colours from the page and its size from the room there is: what is written in
/// them stays as large as the text around it.
enum ReportChart {
  /// A part of a bar: how long it is, and what it is drawn as.
  typealias Part = (value: Int, style: String)

  /// Bars side by side over a scale from 0; `labels` stand below, each at its place among the bars.
  static func bars(
    _ values: [Double], labels: [(place: Int, text: String)], description: HTML
  ) -> HTML {
    let scale = scale(upTo: values.max() ?? 0)
    let top = scale.last ?? 1
    var svg: HTML = "<svg class=\"plot\" role=\"img\">\(description)"
    for line in scale {
      let y = text(100 * (1 - line / top))
      svg += """
        <line class="grid" x1="0" x2="100%" y1="\(y)%" y2="\(y)%"/>\
        <text class="axis" x="-8" y="\(y)%" dy=".32em" text-anchor="end">\(text(line))</text>
        """
    }
    var path = ""
    for (place, value) in values.enumerated() where value > 0 {
      // In tenths of a bar's room, of which one stays free; a bar that is there is seen.
      let height = max(1, 100 * value / top)
      path += "M\(place * 10) 100V\(text(100 - height))h9V100z"
    }
    svg += """
      <svg width="100%" height="100%" viewBox="0 0 \(max(1, values.count) * 10) 100" \
      preserveAspectRatio="none"><path class="bar" d="\(path)"/></svg>
      """
    for label in labels {
      let x = text(100 * Double(label.place) / Double(max(1, values.count)))
      svg += """
        <text class="axis" x="\(x)%" y="100%" dy="1.5em" text-anchor="middle">\(label.text)</text>
        """
    }
    return svg + "</svg>"
  }

  /// A single bar of parts one after the other, each as long as it is of `greatest`.
  static func bar(_ parts: [Part], of greatest: Int) -> HTML {
    var svg: HTML = """
      <svg class="row" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      """
    var start = 0.0
    for part in parts where part.value > 0 && greatest > 0 {
      // What is there is seen, however little it is.
      let length = max(0.5, 100 * Double(part.value) / Double(greatest))
      svg += """
        <rect class="\(part.style)" x="\(text(start))" width="\(text(length))" height="8"/>
        """
      start += length
    }
    return svg + "</svg>"
  }

  /// Four steps to a round number that nothing exceeds.
  static func scale(upTo value: Double) -> [Double] {
    var step = 0.25
    while step * 4 < value {
      // 0.25, 0.5, 1, 2, 5, 10, 20, 50 …
      let digits = text(step).drop { $0 == "0" || $0 == "." }
      step *= step < 1 ? 2 : digits.first == "2" ? 2.5 : 2
    }
    return (0...4).map { Double($0) * step }
  }

  /// At most two digits behind the point.
  static func text(_ number: Double) -> String {
    let hundredths = Int((number * 100).rounded())
    let whole = hundredths / 100
    let rest = hundredths % 100
    if rest == 0 { return "\(whole)" }
    return rest % 10 == 0 ? "\(whole).\(rest / 10)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }
}
