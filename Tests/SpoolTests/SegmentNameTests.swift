import Notice
import Spool
import Testing

struct SegmentNameTests {
  @Test(arguments: [
    (1, "000001-20261122T064832Z.ndjson"), (42, "000042-20261122T064832Z.ndjson"),
    (1_234_567, "1234567-20261122T064832Z.ndjson"),
    (999_999_999_999_999_999, "999999999999999999-20261122T064832Z.ndjson"),
  ])
  func `a name is written and read`(number: Int, text: String) throws {
    let name = SegmentName(number: number, createdAt: Timestamp(milliseconds: 1_795_330_112_123))
    #expect(name.description == text)
    #expect(SegmentName(text) == name)
    #expect(SegmentName(text + ".gz") == name)
  }

  @Test(arguments: [
    "", ".ndjson", "000042.ndjson", "42-20261122T064832Z.ndjson", "000000-20261122T064832Z.ndjson",
    "0000042-20261122T064832Z.ndjson", "-00042-20261122T064832Z.ndjson",
    "+00042-20261122T064832Z.ndjson",
    "000042-20261122T064832.ndjson", "000042-20261322T064832Z.ndjson",
    "000042-20260231T064832Z.ndjson",
    "000042-20261122T064860Z.ndjson", "000042-20261122T064832Z.json",
    "000042-20261122T064832Z.ndjson.next",
    "000042-20261122T064832Z.ndjson.gz.next", "../000042-20261122T064832Z.ndjson",
    "99999999999999999999-20261122T064832Z.ndjson", "٠٠٠٠٤٢-20261122T064832Z.ndjson",
    // As many bytes as a number may have digits, which as digits would be too many.
    "～～～～～～-20261122T064832Z.ndjson", "999999999999999999/-20261122T064832Z.ndjson",
  ])
  func `what is no segment's name is passed over`(text: String) {
    #expect(SegmentName(text) == nil)
  }

  @Test func `names sort by number`() {
    let now = Timestamp(milliseconds: 1_795_330_112_000)
    let past = Timestamp(milliseconds: 0)
    #expect(SegmentName(number: 9, createdAt: now) < SegmentName(number: 10, createdAt: past))
    #expect(
      SegmentName(number: 999_999, createdAt: now) < SegmentName(number: 1_000_000, createdAt: now))
  }
}
