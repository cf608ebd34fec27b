import Testing

@testable import Destinations

struct AttemptPlacesTests {
  @Test func `an attempt is found at its place once, and a place is used again`() throws {
    var places = AttemptPlaces()
    let record = try TestRecord.of("{}")
    func add(_ ticket: Int) -> Int {
      places.add(DeliveryAttempt(ticket: ticket, record: record))
    }
    let first = (0..<3).map(add)
    #expect(Set(first).count == 3)
    #expect(places.record(at: first[1]) === record && places.record(at: 99) == nil)
    #expect(places.remove(at: first[1]) == 1)
    #expect(places.remove(at: first[1]) == nil && places.remove(at: 99) == nil)
    #expect(places.record(at: first[1]) == nil)
    #expect(add(3) == first[1])
    #expect(places.all.map(\.ticket).sorted() == [0, 2, 3])
    for place in first { #expect(places.remove(at: place) != nil) }
    #expect(places.all.isEmpty)
  }
}
