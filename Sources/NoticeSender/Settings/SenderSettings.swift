import Delivery
import Destinations
import Notice
import Spool

/// What a sender does: from which spool to which destinations, and what becomes of segments that are delivered.
struct SenderSettings: Sendable {
  var spool: String
  var destinations: [DestinationSettings]
  var archive = ArchiveSettings()
  /// The file that gets the metrics; nil: none are written.
  var metrics: String?
  /// The page to look at; nil: none is written.
  var report: ReportSettings?
}

struct ArchiveSettings: Sendable, Equatable {
  var form = SegmentArchive.Form.gzip
  /// nil: for ever.
  var daysMax: Int? = 30
}

struct DestinationSettings: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    case http(HTTPSettings)
    /// The database's path.
    case sqlite(String)
    case file(FileSettings)
    case exec(ExecSettings)
    case postgreSQL(PostgreSQLSettings)
    case kafka(KafkaSettings)
  }

  /// Names the destination's files in the spool.
  let name: String
  var kind: Kind
  var order = DeliveryOrder.chat
  var filter = NoticeFilter()
  /// Whether a push that equals one already delivered is left out.
  var suppressesDuplicates = false

  /// What a name may be, as it becomes part of file names.
  static func isName(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count) && name.first != "."
      && name.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || "._-".utf8.contains(byte)
      }
  }

  static let nameRule = "a name has 1 to 64 letters, digits, dots, dashes and underscores"
}
