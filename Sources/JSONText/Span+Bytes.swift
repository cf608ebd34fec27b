private import CProcessor
import Glibc

/// How the scanner looks at a text: a byte beyond the end is one that no token has.
extension Span<UInt8> {
  /// The byte at `index`, which is not negative; 0 beyond the end, which JSON knows nowhere but in errors.
  func byte(at index: Int) -> UInt8 {
    // Safe: the scanner's indexes begin at 0 and only grow.
    index < count ? unsafe self[unchecked: index] : 0
  }

  /// Eight bytes that lie inside the text, the first one lowest.
  func word(at index: Int) -> UInt64 {
    // Safe where the caller has seen that they do; any bits make an integer.
    unsafe UInt64(
      littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
  }

  /// Which of the sixteen bytes from `index` on, which lie inside the text, do not stand for themselves within a string; the
  /// first one is the lowest bit.
  func specialInString(at index: Int) -> UInt16 {
    // Safe where the caller has seen that they do.
    unsafe withUnsafeBufferPointer { unsafe cprocessor_special_in_string($0.baseAddress! + index) }
  }

  /// Whether `prefix` stands at `index`, which is not negative.
  func hasPrefix(_ prefix: Span<UInt8>, at index: Int) -> Bool {
    if prefix.isEmpty { return true }
    guard prefix.count <= count &- index else { return false }
    // Safe: so many bytes lie inside both.
    return unsafe withUnsafeBufferPointer { text in
      unsafe prefix.withUnsafeBufferPointer { prefix in
        unsafe memcmp(text.baseAddress! + index, prefix.baseAddress!, prefix.count) == 0
      }
    }
  }

  package func isEqual(to text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    // Safe: both are as long as that.
    for index in indices where unsafe self[index] != text.utf8Start[index] { return false }
    return true
  }

  package func contains(_ byte: UInt8) -> Bool {
    // Safe: it looks at so many bytes, and keeps nothing.
    unsafe withUnsafeBufferPointer {
      unsafe $0.baseAddress.map { unsafe memchr($0, Int32(byte), count) != nil } ?? false
    }
  }

  func error(at index: Int, expected: JSONTextError.Expectation) -> JSONTextError {
    JSONTextError(offset: index, expected: expected, found: index < count ? self[index] : nil)
  }
}
