/// A number of bytes as a person writes it: `1048576`, `1024K`, `1MiB`.
enum ByteCount {
  /// nil where the text is none, or the number beyond an Int.
  static func parse(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits) else { return nil }
    let factor: Int
    switch text.dropFirst(digits.count) {
    case "": factor = 1
    case "K", "k", "KiB": factor = 1 << 10
    case "M", "m", "MiB": factor = 1 << 20
    default: return nil
    }
    let (product, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
  }

  /// The shortest way of writing it.
  static func text(_ bytes: Int) -> String {
    if bytes > 0, bytes.isMultiple(of: 1 << 20) { return "\(bytes >> 20)M" }
    if bytes > 0, bytes.isMultiple(of: 1 << 10) { return "\(bytes >> 10)K" }
    return "\(bytes)"
  }
}
