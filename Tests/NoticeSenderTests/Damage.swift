/// What may happen to the bytes of a file.
enum Damage {
  /// Cut at every byte, a bit of every third byte changed, and all bits of some. `end`: what is left as it is.
  static func variants(of sound: [UInt8], sparing end: Int = 0) -> [[UInt8]] {
    var variants = (0..<sound.count - end).map { Array(sound.prefix($0)) }
    for index in stride(from: 0, to: sound.count - end, by: 3) {
      for bit in index % 75 == 0 ? Array(0..<8) : [index % 8] {
        variants.append(sound)
        variants[variants.count - 1][index] ^= 1 << bit
      }
    }
    return variants
  }
}
