/// The page's drawings, as SVG that takes its colours from the page.
enum ReportChart {
  private static let width = 720
  private static let height = 200
  private static let left = 44
  private static let bottom = 24
  private static let top = 10

  /// Bars side by side over a scale from 0; `labels` stand below, each at its place among the bars.
  static func bars(
    _ values: [Double], labels: [(place: Int, text: String)], description: HTML
  ) -> HTML {
    let scale = scale(upTo: values.max() ?? 0)
    let plotWidth = Double(width - left)
    let plotHeight = Double(height - top - bottom)
    let step = plotWidth / Double(max(1, values.count))
    var svg: HTML = """
      <svg class="plot" viewBox="0 0 \(width) \(height)" role="img">\(description)
      """
    for line in scale {
      let y = Double(top) + plotHeight * (1 - line / (scale.last ?? 1))
      svg += """
        <line class="grid" x1="\(left)" x2="\(width)" y1="\(text(y))" y2="\(text(y))"/>\
        <text class="axis" x="\(left - 6)" y="\(text(y + 4))" text-anchor="end">\(text(line))</text>
        """
    }
    var path = ""
    for (place, value) in values.enumerated() where value > 0 {
      let barHeight = max(1, plotHeight * value / (scale.last ?? 1))
      let x = Double(left) + step * Double(place)
      let y = Double(top) + plotHeight - barHeight
      path += "M\(text(x)) \(text(y))h\(text(max(0.6, step - 0.6)))v\(text(barHeight))"
      path += "H\(text(x))z"
    }
    svg += "<path class=\"bar\" d=\"\(path)\"/>"
    for label in labels {
      let x = Double(left) + step * Double(label.place)
      svg += """
        <text class="axis" x="\(text(x))" y="\(height - 6)" text-anchor="middle">\(label.text)</text>
        """
    }
    return svg + "</svg>"
  }

  /// A single bar, as long as `value` is of `greatest`.
  static func bar(_ value: Int, of greatest: Int) -> HTML {
    let length = greatest > 0 ? 100 * Double(value) / Double(greatest) : 0
    return """
      <svg class="row" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">\
      <rect class="bar" width="\(text(length))" height="8"/></svg>
      """
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
