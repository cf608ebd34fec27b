import JSONText
import Testing

struct JSONObjectWriterTests {
  @Test func `an object is written member by member, what is nil left out`() throws {
    var inner = JSONObjectWriter()
    inner.member("n", number: Int.min)
    var object = JSONObjectWriter()
    #expect(object.isEmpty)
    object.member("a\"", string: "x\n")
    object.member("none", string: nil)
    object.member("none", number: nil)
    object.member("none", bool: nil)
    object.member("none", token: nil as [UInt8]?)
    object.member("none", object: JSONObjectWriter())
    object.member("t", bool: true)
    object.member("f", bool: false)
    object.member("o", object: inner)
    object.member("raw", token: Array("[1]".utf8))
    #expect(!object.isEmpty)
    #expect(
      String(decoding: object.bytes, as: UTF8.self)
        == #"{"a\"":"x\n","t":true,"f":false,"o":{"n":-9223372036854775808},"raw":[1]}"#)
    #expect(try JSONText(validating: object.bytes).bytes == object.bytes)
    #expect(JSONObjectWriter().bytes == Array("{}".utf8))
  }
}
