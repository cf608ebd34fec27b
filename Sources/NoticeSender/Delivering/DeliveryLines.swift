import Spool

/// Lines as ``DeliveryJournal`` has them. One for each delivery: put together without a string, which costs as much as all
/// else there.
struct DeliveryLines {
  private(set) var bytes: [UInt8] = []
  /// How the lines of the segment met last begin: `spool 42 `.
  private var head: [UInt8] = []
  private var headOrigin: Checkpoint.Origin?
  private var headSegment = 0

  /// Keeps the memory.
  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  mutating func append(_ entry: DeliveryJournal.Entry) {
    let id = Array(entry.id.utf8)
    append(entry.place, id: id.span)
  }

  /// No number of the place is negative.
  mutating func append(_ place: PendingRecords.Place, id: Span<UInt8>) {
    let segment = place.position.segment
    if headOrigin != place.origin || headSegment != segment {
      head = Array("\(place.origin.rawValue) \(segment) ".utf8)
      (headOrigin, headSegment) = (place.origin, segment)
    }
    bytes += head
    append(place.position.offset)
    unsafe id.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\n"))
  }

  /// In decimal, a space behind it.
  private mutating func append(_ offset: Int) {
    var digits = InlineArray<21, UInt8>(repeating: UInt8(ascii: " "))
    var first = digits.count - 1
    var rest = offset.magnitude
    repeat {
      first -= 1
      digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    unsafe digits.span.extracting(first...).withUnsafeBufferPointer {
      unsafe bytes.append(contentsOf: $0)
    }
  }
}
