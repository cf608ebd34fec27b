/// Text from elsewhere as it can be shown to a person: on one line, and with nothing in it that moves a cursor, colours a terminal
/// or turns the order of letters around. Each such character becomes a space.
package enum OneLine {
  package static func shown(_ text: some StringProtocol) -> String {
    // All of what is looked for lies outside of printable ASCII.
    if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return String(text) }
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { shown.append(isHarmless(scalar) ? scalar : " ") }
    return String(shown)
  }

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: false
    // Joiners make letters and emoji what they are; the others reorder or hide.
    case .format: scalar == "\u{200C}" || scalar == "\u{200D}"
    default: true
    }
  }
}
