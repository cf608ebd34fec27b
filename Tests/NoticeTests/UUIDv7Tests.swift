import Foundation
import Notice
import Testing

struct UUIDv7Tests {
  @Test func `an id is written as RFC 9562 has it`() {
    // 2022-02-22T19:22:22.000Z, the time of the RFC's appendix A.6.
    let milliseconds: Int64 = 0x017F_22E2_79B0
    #expect(
      text(milliseconds * 1_000_000, random: 0x18C4_DC0C_0C07_398F)
        == "017f22e2-79b0-7000-98c4-dc0c0c07398f")
    #expect(
      text(milliseconds * 1_000_000 + 999_999, random: .max)
        == "017f22e2-79b0-7fff-bfff-ffffffffffff")
    #expect(text(0, random: 0) == "00000000-0000-7000-8000-000000000000")
    #expect(text(-1, random: 0) == "00000000-0000-7000-8000-000000000000")
    #expect(text(.max, random: 1).count == 36)
  }

  @Test func `version and variant stand in every id`() throws {
    for shift in 0..<63 {
      let id = text(1 << shift, random: ~(1 << shift))
      #expect(UUID(uuidString: id) != nil)
      let characters = Array(id)
      #expect(characters[14] == "7")
      #expect("89ab".contains(characters[19]))
    }
  }

  @Test func `ids sort by time, to a quarter of a microsecond`() {
    let start: Int64 = 1_763_794_112_123_000_000
    let ids = (0..<10_000).map { text(start + $0 * 245, random: $0 % 2 == 0 ? .max : 0) }
    #expect(ids == ids.sorted())
    #expect(Set(ids).count == ids.count)
  }

  private func text(_ nanoseconds: Int64, random: UInt64) -> String {
    var text = [UInt8](repeating: 0, count: UUIDv7.textCount)
    UUIDv7(nanosecondsSince1970: nanoseconds, random: random).write(to: &text, at: 0)
    return String(decoding: text, as: UTF8.self)
  }
}
