import JSONText
import Notice

/// A record as one line for a person:
///
///     2026-11-22 14:48:32  019aaf3c-…  text  张三 (研发群): 你好
///
/// The time is the local one of its arrival, "→" stands before what the hosted account itself said.
struct RecordLine {
  let text: String

  /// The members of a payload that say most of what it is, the best first.
  private static let tellingKeys = [
    "text", "title", "name", "content", "address", "roomTopic", "url", "fileUrl", "imageUrl",
    "voiceUrl", "videoUrl",
  ]
  private static let tellingPaths = MemberPaths(tellingKeys)

  init(_ hit: RecordSearch.Hit, localTime: (Timestamp) -> String) {
    let record = hit.record
    let received = record.string(.receivedAt).flatMap { Timestamp(rfc3339: $0) }
    var who = record.value(.contactName) ?? record.value(.contactId) ?? ""
    if record.value(.isSelf) == "true" { who = "→ " + who }
    if record.value(.roomId) != nil {
      who += " (\(record.value(.roomTopic) ?? record.value(.roomId) ?? ""))"
    }
    let dead = hit.deadAt.isEmpty ? "" : "  [dead: \(hit.deadAt.joined(separator: ", "))]"
    text = [
      received.map(localTime) ?? "?", record.id, Self.type(record),
      OneLine.shown(who + (who.isEmpty ? "" : ": ") + Self.said(record)) + dead,
    ].joined(separator: "  ")
  }

  private static func type(_ record: NoticeRecord) -> String {
    record.kind == .other ? "event" : OneLine.shown(record.typeName ?? "?")
  }

  private static func said(_ record: NoticeRecord) -> String {
    guard let payload = record.token(.payload) else {
      return record.kind == .other ? String(decoding: record.body, as: UTF8.self) : ""
    }
    if let text = JSONString.text(payload) { return text }
    if let object = try? JSONText(validating: payload.span, finding: tellingPaths) {
      for member in tellingKeys.indices {
        if let text = object.token(member).flatMap(JSONString.text), !text.isEmpty { return text }
      }
    }
    return String(decoding: payload, as: UTF8.self)
  }
}
