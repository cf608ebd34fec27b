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
  package func word(at index: Int) -> UInt64 {
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

  /// How many characters of three bytes follow each other from `index` on, of the sixteen bytes there, which lie inside the
  /// text; those that begin with E0 or ED are not counted, nor what follows them.
  func threeByteCharacters(at index: Int) -> Int {
    // Safe where the caller has seen that they do.
    unsafe withUnsafeBufferPointer {
      Int(unsafe cprocessor_three_byte_characters($0.baseAddress! + index))
    }
  }

  /// How many bytes from `index` on are those that stand in `other` from `otherIndex` on, as far as both go.
  @inline(__always)
  func commonPrefix(from index: Int, with other: Span<UInt8>, from otherIndex: Int) -> Int {
    let most = min(count &- index, other.count &- otherIndex)
    // Safe: so many bytes lie inside both.
    return unsafe withUnsafeBufferPointer { bytes in
      unsafe other.withUnsafeBufferPointer { other in
        most <= 0
          ? 0
          : unsafe cprocessor_common_prefix(
            bytes.baseAddress! + index, other.baseAddress! + otherIndex, most)
      }
    }
  }

  package func isEqual(to text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    // Safe: both are as long as that.
    return unsafe withUnsafeBufferPointer { bytes in
      unsafe bytes.baseAddress.map { unsafe memcmp($0, text.utf8Start, count) == 0 } ?? true
    }
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
