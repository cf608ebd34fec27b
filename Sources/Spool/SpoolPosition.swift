/// A place in the spool: a segment's number and an offset of bytes in it, always the start of a line.
package struct SpoolPosition: Sendable, Hashable, Comparable, Codable {
  package var segment: Int
  package var offset: Int

  package init(segment: Int, offset: Int) {
    self.segment = segment
    self.offset = offset
  }

  package static func < (left: SpoolPosition, right: SpoolPosition) -> Bool {
    (left.segment, left.offset) < (right.segment, right.offset)
  }
}
