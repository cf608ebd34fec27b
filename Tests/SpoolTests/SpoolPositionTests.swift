import Spool
import Testing

struct SpoolPositionTests {
  @Test func `positions sort by segment, then by offset`() {
    let places = [(1, 0), (1, 5), (2, 0), (10, 3)].map {
      SpoolPosition(segment: $0.0, offset: $0.1)
    }
    #expect(places.shuffled().sorted() == places)
  }
}
