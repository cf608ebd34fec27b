import Notice
import Testing

struct NoticeFieldTests {
  @Test func `the three dialects have the same fields`() throws {
    let message = try RecordOfSample.record(
      #"{"data":{"messageId":"m","chatId":"c","type":7,"contactId":"k","botWxid":"b","roomId":"r"},"chatId":"no"}"#
    )
    let flat = try RecordOfSample.record(
      #"{"messageId":"m","chatId":"c","messageType":7,"imContactId":"k","imBotId":"b","imRoomId":"r","type":1}"#
    )
    let event = try RecordOfSample.record(
      #"{"messageId":"m","chatId":"c","type":"7","contactId":"k","botWxid":"b","roomId":"r"}"#)
    #expect(message.kind == .message && flat.kind == .messageFlat && event.kind == .other)
    for record in [message, flat, event] {
      #expect(record.value(.messageId) == "m")
      #expect(record.value(.chatId) == "c")
      #expect(record.value(.type) == "7")
      #expect(record.value(.contactId) == "k")
      #expect(record.value(.botWxid) == "b")
      #expect(record.value(.roomId) == "r")
      #expect(record.value(.avatar) == nil)
    }
  }

  @Test(
    arguments: [
      ("null", nil, nil), ("\"\"", "\"\"", nil), ("\"a\\u0062\"", "\"a\\u0062\"", "ab"),
      ("0", "0", "0"),
      ("12345678901234567890", "12345678901234567890", "12345678901234567890"),
      ("-0.0", "-0.0", "-0.0"),
      ("false", "false", "false"), ("{\"a\":1}", "{\"a\":1}", "{\"a\":1}"),
    ] as [(String, String?, String?)])
  func `a field keeps its own spelling`(json: String, token: String?, value: String?) throws {
    let record = try RecordOfSample.record("{\"data\":{\"messageId\":1,\"source\":\(json)}}")
    #expect(record.token(.source).map { String(decoding: $0, as: UTF8.self) } == token)
    #expect(record.value(.source) == value)
  }

  @Test func `the page's tab in a key is left aside`() throws {
    let record = try RecordOfSample.record(sample: "page-example.json")
    #expect(record.value(.roomWecomChatId) == "string")
  }

  @Test func `of a field that comes twice the last counts`() throws {
    #expect(try RecordOfSample.record(sample: "odd-but-valid.json").value(.botId) == "b")
  }

  @Test(
    arguments: [
      ("text-private.json", "68e7618f9d6d3a463b8dec3d"),
      ("flat-organisation.json", "60ae24d7f630f1dd8745eb87"),
      ("room-left-event.json", "68d3b986de170dd6eb01982a/R:10696050465026800"),
      ("odd-but-valid.json", nil),
    ] as [(String, String?)])
  func `a chat has a key, and what belongs to none has none`(name: String, key: String?) throws {
    #expect(try RecordOfSample.record(sample: name).chatKey == key)
  }

  @Test(
    arguments: [
      ("1762489591000", 1_762_489_591_000), ("\"1762489591000\"", 1_762_489_591_000),
      ("\"string\"", nil),
      ("1.762489591e12", nil), ("null", nil), ("99999999999999999999", nil),
    ] as [(String, Int64?)])
  func `the message's own time is a number or a string of milliseconds`(
    json: String, milliseconds: Int64?
  ) throws {
    let record = try RecordOfSample.record("{\"data\":{\"messageId\":1,\"timestamp\":\(json)}}")
    #expect(record.sentAt?.milliseconds == milliseconds)
  }

  @Test(
    arguments: [
      ("null", nil, nil), ("\"\"", nil, nil), ("\"a\\u0062\"", nil, nil), ("\"ab\"", "ab", nil),
      ("0", "0", 0), ("-7", "-7", -7), ("\"1762489591000\"", "1762489591000", 1_762_489_591_000),
      ("\"\\u0037\"", nil, 7), ("1.0", "1.0", nil), ("1e3", "1e3", nil), ("true", "true", nil),
      ("9223372036854775807", "9223372036854775807", .max),
      ("9223372036854775808", "9223372036854775808", nil),
      ("\"0000000000000000000042\"", "0000000000000000000042", 42), ("\"7 \"", "7 ", nil),
      ("[]", "[]", nil), ("{\"a\":\"\\n\"}", "{\"a\":\"\\n\"}", nil),
    ] as [(String, String?, Int64?)])
  func `a field is found in the line as it stands, and read as a number`(
    json: String, plain: String?, number: Int64?
  ) throws {
    let record = try RecordOfSample.record("{\"data\":{\"messageId\":1,\"source\":\(json)}}")
    let range = record.plainRange(of: .source)
    #expect(range.map { String(decoding: record.line[$0], as: UTF8.self) } == plain)
    #expect(record.integer(.source) == number)
    #expect(plain == nil || record.value(.source) == plain)
  }

  @Test(
    arguments: [
      ("\"written\"", "written"), ("\"\"", nil), ("null", nil), ("7", nil),
      (#"{"text":"written","pureText":"p"}"#, "written"), (#"{"pureText":"heard"}"#, "heard"),
      (#"{"text":"","pureText":"heard"}"#, "heard"), (#"{"text":null,"pureText":"a\nb"}"#, "a\nb"),
      (#"{"text":["written"]}"#, nil), (#"[{"text":"written"}]"#, nil),
      (#"{"a":{"text":"deeper"}}"#, nil), (#"{"text":"first","text":"last"}"#, "last"),
      (#"{"text":"first"},"payload":{"pureText":"last"}"#, "last"),
      (#"{"text":"first"},"payload":"last""#, "last"), (#"{"text":"first"},"payload":null"#, nil),
    ] as [(String, String?)])
  func `the text is the payload or stands in it`(payload: String, text: String?) throws {
    for body in [
      #"{"data":{"messageId":"m","payload":\#(payload)},"payload":{"text":"no"}}"#,
      #"{"messageType":7,"payload":\#(payload)}"#, #"{"payload":\#(payload)}"#,
    ] {
      #expect(try RecordOfSample.record(body).messageText == text, "\(body)")
    }
  }

  @Test func `id, chat and time are the line's own bytes`() throws {
    let record = try RecordOfSample.record(#"{"data":{"messageId":"m","chatId":"chat"}}"#)
    #expect(Array(record.line[record.idRange]) == Array(record.id.utf8))
    #expect(record.chatKeyRange.map { Array(record.line[$0]) } == Array("chat".utf8))
    #expect(record.receivedAt?.rfc3339 == record.string(.receivedAt))
    for body in [
      #"{"data":{"messageId":"m","chatId":"\u0063hat"}}"#, #"{"roomId":"r","botId":"b"}"#, "{}",
    ] {
      #expect(try RecordOfSample.record(body).chatKeyRange == nil)
    }
  }
}
