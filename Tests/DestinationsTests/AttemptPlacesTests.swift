import Testing

@testable import Destinations

struct AttemptPlacesTests {
  @Test func `an attempt is found at its place once, and a place is used again`() throws {
    var places = AttemptPlaces()
    let record = try TestRecord.of("{}")
    func add(_ ticket: Int) -> Int {
      places.add(DeliveryAttempt(ticket: ticket, record: record))
    }
    #expect(places.isEmpty)
    let first = (0..<3).map(add)
    #expect(Set(first).count == 3)
    #expect(places.remove(at: first[1])?.ticket == 1)
    #expect(places.remove(at: first[1]) == nil && places.remove(at: 99) == nil)
    #expect(add(3) == first[1])
    #expect(places.all.map(\.ticket).sorted() == [0, 2, 3] && !places.isEmpty)
    for place in first { #expect(places.remove(at: place) != nil) }
    #expect(places.isEmpty && places.all.isEmpty)
  }
}
