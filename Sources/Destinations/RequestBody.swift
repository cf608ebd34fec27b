import Crypto
import Gzip
import Notice

/// What of the records goes into a request's body, and by which id a receiver knows the request again.
struct RequestBody {
  private let form: BodyForm
  private let batch: BatchSettings?

  init(_ settings: HTTPSettings) {
    form = settings.body
    batch = settings.batch
  }

  var contentType: String {
    batch?.format == .ndjson ? "application/x-ndjson" : "application/json"
  }

  var isCompressed: Bool { batch?.gzip == true }

  func bytes(of attempts: [DeliveryAttempt]) -> [UInt8] {
    guard let batch else { return form.bytes(of: attempts[0].record) }
    var bytes: [UInt8] = []
    switch batch.format {
    case .ndjson:
      for attempt in attempts {
        bytes += form.bytes(of: attempt.record)
        bytes.append(UInt8(ascii: "\n"))
      }
    case .array:
      for (index, attempt) in attempts.enumerated() {
        bytes.append(UInt8(ascii: index == 0 ? "[" : ","))
        bytes += form.bytes(of: attempt.record)
      }
      bytes.append(UInt8(ascii: "]"))
    }
    return batch.gzip ? Deflater.compressed(bytes) : bytes
  }

  /// The record's own id; for several, a UUID made of all of theirs: the same records have the same id in
  /// whatever order they are sent, others another.
  static func id(of attempts: [DeliveryAttempt]) -> String {
    guard attempts.count > 1 else { return attempts[0].record.id }
    var hash = SHA256()
    for id in attempts.map(\.record.id).sorted() { hash.update(data: Array(id.utf8)) }
    // RFC 9562 §5.8: version 8 is for such hashes; version and variant have their places.
    var bytes = Array(hash.finalize().prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x80
    bytes[8] = bytes[8] & 0x3F | 0x80
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text += "-" }
      text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return text
  }
}
