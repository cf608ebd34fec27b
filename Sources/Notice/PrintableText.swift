/// What others wrote, made fit for a terminal or a log: it stays on its line, and moves nothing but the cursor.
package enum PrintableText {
  /// Line ends and tabs become spaces; other control characters, and marks that turn the direction of what follows, become
  /// U+FFFD (Unicode's general categories Cc, Cf but for joiners, Zl and Zp).
  package static func line(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(shown(scalar)) }
    return String(result)
  }

  private static func shown(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar {
    case "\n", "\r", "\t", "\u{2028}", "\u{2029}", "\u{85}": " "
    // Emoji and several scripts are written with joiners.
    case "\u{200C}", "\u{200D}": scalar
    case _ where scalar.properties.generalCategory == .control: "\u{FFFD}"
    case _ where scalar.properties.generalCategory == .format: "\u{FFFD}"
    default: scalar
    }
  }
}
