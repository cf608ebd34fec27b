import TestSupport
import Testing

@testable import Delivery

struct ChatKeyTests {
  @Test func `names have one key each, whatever their length and their last bytes`() {
    var generator = SeededGenerator(seed: 64)
    var names: Set<[UInt8]> = [[]]
    for length in 1...40 {
      let name = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      names.formUnion([name, name + [0], [0] + name, Array(repeating: 0, count: length)])
      for index in name.indices {
        for bit in 0..<8 {
          var other = name
          other[index] ^= 1 << UInt8(bit)
          names.insert(other)
        }
        var swapped = name
        swapped.swapAt(index, length - 1)
        names.insert(swapped)
      }
    }
    let keys = names.map { ChatKey($0.span) }
    #expect(Set(keys).count == names.count)
    #expect(names.map { ChatKey($0.span) } == keys)
    // Of the lowest bits a table makes use: with so many keys each of 256 values is there.
    #expect(Set(keys.map { $0._rawHashValue(seed: 0) & 0xFF }).count == 256)
  }
}
