import JSONText

/// A JSON text with the value of every key `token` replaced by null, however deep and how often it stands there: the
/// shapes of events are not documented, and repeated keys have been seen.
enum CredentialMask {
  /// `text` is valid and without white space between its tokens.
  static func masked(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(text.count)
    var index = text.startIndex
    while index < text.endIndex {
      guard text[index] == UInt8(ascii: "\"") else {
        output.append(text[index])
        index += 1
        continue
      }
      let end = stringEnd(text, from: index)
      output.append(contentsOf: text[index..<end])
      let isKey = end < text.endIndex && text[end] == UInt8(ascii: ":")
      if isKey, isCredential(text[index..<end]) {
        output.append(contentsOf: ":null".utf8)
        index = valueEnd(text, from: end + 1)
      } else {
        index = end
      }
    }
    return output
  }

  private static func isCredential(_ key: ArraySlice<UInt8>) -> Bool {
    guard let key = JSONString.text(key) else { return false }
    let isSpace: (UInt8) -> Bool = { " \t\n\r".utf8.contains($0) }
    let trimmed = key.utf8.drop(while: isSpace)
    return trimmed.starts(with: NoticeField.token.key.utf8)
      && trimmed.dropFirst(NoticeField.token.key.utf8.count).allSatisfy(isSpace)
  }

  /// The index after the closing quote.
  private static func stringEnd(_ text: ArraySlice<UInt8>, from start: Int) -> Int {
    var index = start + 1
    while text[index] != UInt8(ascii: "\"") {
      index += text[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return index + 1
  }

  /// The index of what follows the value: a comma or a closing bracket.
  private static func valueEnd(_ text: ArraySlice<UInt8>, from start: Int) -> Int {
    var depth = 0
    var index = start
    while true {
      switch text[index] {
      case UInt8(ascii: "\""):
        index = stringEnd(text, from: index)
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return index }
        depth -= 1
      case UInt8(ascii: ","):
        if depth == 0 { return index }
      default: break
      }
      index += 1
    }
  }
}
