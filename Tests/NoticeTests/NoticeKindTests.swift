import JSONText
import Notice
import TestSupport
import Testing

struct NoticeKindTests {
  static let others = ["room-left-event.json"]
  static let flats = ["flat-organisation.json"]

  @Test(arguments: Samples.names)
  func `a sample is of its kind`(name: String) throws {
    let kind: NoticeKind =
      Self.others.contains(name) ? .other : Self.flats.contains(name) ? .messageFlat : .message
    #expect(NoticeKind(of: try scanned(Samples.bytes(name))) == kind)
  }

  @Test(
    arguments: [
      (#"{"data":{"messageId":null}}"#, .message), (#"{"data":{"messageId\t":""}}"#, .message),
      (#"{"d\u0061ta":{"messageId":1}}"#, .message),
      (#"{"messageType":7,"data":{"messageId":1}}"#, .message),
      (#"{"messageType":7}"#, .messageFlat), (#"{"messageType":7,"data":null}"#, .other),
      (#"{"data":{"type":7}}"#, .other), (#"{"data":[{"messageId":1}]}"#, .other), ("{}", .other),
      ("[]", .other), (#"[{"data":{"messageId":1}}]"#, .other), (#"{"messageId":1}"#, .other),
      (#"{"data":{"messageId":1},"data":{}}"#, .other),
    ] as [(String, NoticeKind)])
  func `the kind is told by data, its messageId and messageType`(
    body: String, kind: NoticeKind
  ) throws {
    #expect(NoticeKind(of: try scanned(Array(body.utf8))) == kind)
  }

  @Test(
    arguments: [
      (#"{"data":{"token":"a"}}"#, "a"), (#"{"token":"b"}"#, "b"),
      (#"{"data":{"token":"a"},"token":"b"}"#, "a"),
      (#"{"data":{"token":7}}"#, nil), ("{}", nil), (#"{"data":{" token ":"a\u0062"}}"#, "ab"),
    ] as [(String, String?)])
  func `the token is found where a body has it`(body: String, token: String?) throws {
    #expect(NoticeKind.token(of: try scanned(Array(body.utf8))) == token)
  }

  private func scanned(_ body: [UInt8]) throws -> JSONText {
    try JSONText(validating: body, finding: NoticeKind.bodyPaths)
  }
}
