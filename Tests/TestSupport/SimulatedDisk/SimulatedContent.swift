/// The bytes of one file of a ``SimulatedDisk``: as every process sees them, as they are on the disk, and all that the disk may
/// have of them between two syncs.
///
/// A sector of 512 bytes is written whole or not at all. One that was changed since the last sync may be on the disk as it was
/// after any of the changes, or before all of them, whatever became of its neighbours; the size is one of those that
/// the file had. So a later write may survive an earlier one, and where the size is ahead of the bytes there are zeros, or
/// what stood there before a truncation.
struct SimulatedContent {
  private(set) var visible: [UInt8] = []
  private var durable: [UInt8] = []
  /// Since the last sync, oldest first.
  private var sizes: [Int] = []
  private var versions: [Int: [[UInt8]]] = [:]
  /// A sync failed: the durable bytes are not the visible ones even where nothing was changed since.
  private var hasLost = false

  static let sectorBytes = 512

  mutating func write(_ bytes: Span<UInt8>, at offset: Int) {
    if bytes.isEmpty { return }
    let before = visible.count
    let end = offset + bytes.count
    if end > before {
      visible.reserveCapacity(max(end, 2 * before))
      while visible.count < offset { visible.append(0) }
    }
    for index in bytes.indices {
      let place = offset + index
      if place < visible.count {
        visible[place] = bytes[index]
      } else {
        visible.append(bytes[index])
      }
    }
    if visible.count != before { sizes.append(visible.count) }
    note(min(offset, before)..<end)
  }

  mutating func truncate(to size: Int) {
    if size == visible.count { return }
    let before = visible.count
    if size < before {
      visible.removeLast(before - size)
    } else {
      visible += [UInt8](repeating: 0, count: size - before)
    }
    sizes.append(size)
    note(min(size, before)..<max(size, before))
  }

  /// Everything visible is durable from now on.
  mutating func sync() {
    if hasLost {
      durable = Self.sized(durable, visible.count)
      for sector in versions.keys { durable.put(sector, Self.sector(sector, of: visible)) }
    } else {
      durable = visible
    }
    sizes = []
    versions = [:]
  }

  /// A sync that fails (fsync(2), "errors"): what was to be written may be on the disk or not, and the kernel will not try
  /// again. It may even forget what it had, and read the old bytes again.
  mutating func failSync(_ chance: inout SeededGenerator) {
    durable = survivor(.mixed, &chance)
    sizes = []
    versions = [:]
    hasLost = true
    if chance.next() % 4 == 0 { visible = Self.sized(durable, visible.count) }
  }

  mutating func cutPower(_ fate: SimulatedFate, _ chance: inout SeededGenerator) {
    durable = survivor(fate, &chance)
    visible = durable
    sizes = []
    versions = [:]
    hasLost = false
  }

  /// What the disk has, should the power fail now.
  private func survivor(_ fate: SimulatedFate, _ chance: inout SeededGenerator) -> [UInt8] {
    if sizes.isEmpty, versions.isEmpty { return durable }
    switch fate {
    case .nothing: return durable
    case .everything where !hasLost: return visible
    case .everything, .mixed, .beginning: break
    }
    let size = fate == .everything ? visible.count : Self.one(of: [durable.count] + sizes, &chance)
    var bytes = Self.sized(durable, size)
    for (sector, contents) in versions.sorted(by: { $0.key < $1.key }) {
      guard sector * Self.sectorBytes < size else { continue }
      let number = Int(chance.next() % UInt64(contents.count + 1))
      let isLast = fate == .everything
      if isLast {
        bytes.put(sector, contents[contents.count - 1])
      } else if number < contents.count {
        bytes.put(sector, contents[number])
      }
    }
    return bytes
  }

  private mutating func note(_ range: Range<Int>) {
    for sector in range.lowerBound / Self.sectorBytes...(range.upperBound - 1) / Self.sectorBytes {
      versions[sector, default: []].append(Self.sector(sector, of: visible))
    }
  }

  private static func sector(_ number: Int, of bytes: [UInt8]) -> [UInt8] {
    let start = min(number * sectorBytes, bytes.count)
    return Array(bytes[start..<min(start + sectorBytes, bytes.count)])
  }

  private static func sized(_ bytes: [UInt8], _ size: Int) -> [UInt8] {
    size <= bytes.count
      ? Array(bytes.prefix(size)) : bytes + [UInt8](repeating: 0, count: size - bytes.count)
  }

  private static func one(of sizes: [Int], _ chance: inout SeededGenerator) -> Int {
    sizes[Int(chance.next() % UInt64(sizes.count))]
  }
}

extension [UInt8] {
  /// Puts a sector in its place, as far as the bytes go. What the sector lacks at its end is zero.
  fileprivate mutating func put(_ number: Int, _ sector: [UInt8]) {
    let start = number * SimulatedContent.sectorBytes
    guard start < count else { return }
    for place in start..<Swift.min(start + SimulatedContent.sectorBytes, count) {
      self[place] = place - start < sector.count ? sector[place - start] : 0
    }
  }
}

/// What a power cut leaves of all that was not synced.
enum SimulatedFate {
  case nothing
  case everything
  /// Any part of it, whatever came first.
  case mixed
  /// As ``mixed``; of the names, those that were changed first, as a journal keeps them.
  case beginning
}
