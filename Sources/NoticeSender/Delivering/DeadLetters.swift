import Delivery
import Glibc
import JSONText
import Notice
import Spool
import SystemCalls

/// The messages that a destination will not get, in `dead/<destination>.ndjson`, one line each, until a person acts:
///
///     {"time":"…","reason":"answered 422: …","attempts":2,"status":422,"answer":"…","record":{…the spool's line…}}
struct DeadLetters {
  private let path: String
  private let directory: SpoolDirectory
  private let system: any SystemCalls

  init(_ destination: String, _ directory: SpoolDirectory, _ system: any SystemCalls) {
    path = "\(directory.dead)/\(destination).ndjson"
    self.directory = directory
    self.system = system
  }

  /// When this returns, the letter survives a power cut. A crash before its checkpoint repeats it.
  func append(
    _ record: NoticeRecord, attempts: Int, outcome: DeliveryOutcome
  ) throws(SystemCallError) {
    let now = Timestamp(milliseconds: system.realtimeNanoseconds() / 1_000_000)
    var object = JSONObjectWriter()
    object.member("time", string: now.rfc3339)
    object.member("reason", string: outcome.description)
    object.member("attempts", number: attempts)
    if case .answered(let status, _, let excerpt) = outcome {
      object.member("status", number: status)
      object.member("answer", string: String(decoding: excerpt, as: UTF8.self))
    }
    object.member("record", token: record.line)
    var file = try LineFile.open(path, in: directory.dead, system)
    try file.append(object.bytes + [UInt8(ascii: "\n")], syncing: true)
  }
}
