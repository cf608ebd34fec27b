import Testing

@testable import Destinations

struct PlacesTests {
  @Test func `a value is found at its place once, and a place is used again`() {
    var places = Places<String>()
    let first = ["a", "b", "c"].map { places.add($0) }
    #expect(Set(first).count == 3)
    #expect(places.remove(at: first[1]) == "b")
    #expect(places.remove(at: first[1]) == nil && places.remove(at: 99) == nil)
    #expect(places.remove(at: -1) == nil)
    #expect(places.add("d") == first[1])
    #expect(places.all.sorted() == ["a", "c", "d"])
    for place in first { #expect(places.remove(at: place) != nil) }
    #expect(places.all.isEmpty)
  }
}
