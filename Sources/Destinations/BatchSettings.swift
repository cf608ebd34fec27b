/// How many records go in one request, and how they are put together.
package struct BatchSettings: Sendable, Equatable {
  package enum Format: String, Sendable, CaseIterable {
    /// A record a line.
    case ndjson
    /// A JSON array of the records.
    case array
  }

  package var recordsMax: Int
  package var format = Format.ndjson
  /// Whether the body is compressed (`Content-Encoding: gzip`).
  package var gzip = false
  /// How long a batch that is not full waits for more.
  package var lingerMilliseconds = 0
  /// Of records, before compression; one that is larger goes alone. At first what many receivers take.
  package var bytesMax = 1 << 20

  package init(recordsMax: Int) {
    self.recordsMax = recordsMax
  }

  static let recordsRange = 1...10_000
  static let lingerRange = 0...60_000
  static let bytesRange = 1...(256 << 20)

  func validate() throws(HTTPSettingsError) {
    for (name, value, range) in [
      ("batch records", recordsMax, Self.recordsRange),
      ("batch linger", lingerMilliseconds, Self.lingerRange),
      ("batch bytes", bytesMax, Self.bytesRange),
    ] where !range.contains(value) {
      throw .number(name, value, range)
    }
  }
}
