import JSONText
import Notice
import TestSupport
import Testing

struct NoticeMessageTests {
  @Test(arguments: Samples.names)
  func `a sample's message form is as it always was`(name: String) throws {
    let bytes = NoticeMessage(try RecordOfSample.record(sample: name)).bytes
    #expect(String(decoding: bytes, as: UTF8.self) == MessageForms.ofSamples[name])
    #expect(try JSONText(validating: bytes).bytes == bytes)
  }

  @Test(arguments: Samples.names)
  func `the credential is nowhere in the message form`(name: String) throws {
    let record = try RecordOfSample.record(sample: name)
    let message = String(decoding: NoticeMessage(record).bytes, as: UTF8.self)
    #expect(!message.contains("sample-token"))
  }

  @Test(arguments: [
    #"{"token":"secret-1","token":"secret-2"}"#, #"{"data":{"token":"secret-1"},"data":{"a":1}}"#,
    #"{"data":{"token":"secret-1","token":{"a":["secret-2"]}},"token":["secret-3"]}"#,
    #"{"\u0074oken":"secret-1"," token\t":"secret-2"}"#, #"[{"token":"secret-1"}]"#,
    #"{"list":[{"data":{"token":"secret-1"}}]}"#, #"{"token":"secret-1","messageId":"1"}"#,
  ])
  func `the credential is nowhere in an event, wherever it stood`(body: String) throws {
    let record = try RecordOfSample.record(body)
    let bytes = NoticeMessage(record).bytes
    #expect(record.kind == .other)
    #expect(!String(decoding: bytes, as: UTF8.self).contains("secret"))
    #expect(try JSONText(validating: bytes).bytes == bytes)
  }

  @Test func `all else in an event stays as it came`() throws {
    let record = try RecordOfSample.record(
      #"{"a":"token","b":{"token":"x","c":[1E400,"\u0000"]},"token":null,"tokens":[],"a":2}"#)
    let message = String(decoding: NoticeMessage(record).bytes, as: UTF8.self)
    #expect(
      message.hasSuffix(
        #""event":{"a":"token","b":{"token":null,"c":[1E400,"\u0000"]},"token":null,"tokens":[],"a":2}}"#
      ))
  }

  @Test(arguments: [
    ("7", #""type":"text","typeNumber":7"#), ("\"7\"", #""type":"text","typeNumber":7"#),
    ("10002", #""type":"10002","typeNumber":10002"#), ("\"new\"", #""type":"new""#),
    ("7.0", #""type":"7.0""#), ("99999999999999999999", #""type":"99999999999999999999""#),
  ])
  func `a type has its name and its number where it has any`(json: String, members: String) throws {
    let record = try RecordOfSample.record("{\"data\":{\"messageId\":1,\"type\":\(json)}}")
    #expect(
      String(decoding: NoticeMessage(record).bytes, as: UTF8.self)
        .hasSuffix(#","messageId":"1",\#(members)}"#))
  }
}
