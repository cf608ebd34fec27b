import Delivery
import Testing

struct DeliveredPushesTests {
  private typealias Push = DeliveredPushes.Push

  @Test func `only another record with the same push is a duplicate`() {
    var pushes = DeliveredPushes()
    #expect(!pushes.hasDuplicate(of: Push(digest: 1, record: 1)))
    let isFirst = pushes.delivered(Push(digest: 1, record: 1))
    #expect(isFirst)
    #expect(pushes.hasDuplicate(of: Push(digest: 1, record: 2)))
    #expect(!pushes.hasDuplicate(of: Push(digest: 1, record: 1)), "a repeat on purpose")
    #expect(!pushes.hasDuplicate(of: Push(digest: 2, record: 2)))
  }

  @Test func `a push that was never delivered is never a duplicate, whatever came before`() {
    var random = SystemRandomNumberGenerator()
    var pushes = DeliveredPushes(countMax: 50)
    var delivered: Set<UInt128> = []
    for record in 0..<5000 {
      let push = Push(digest: UInt128(random.next() % 200), record: UInt128(record))
      if pushes.hasDuplicate(of: push) {
        #expect(delivered.contains(push.digest))
      } else if Bool.random() {
        pushes.delivered(push)
        delivered.insert(push.digest)
      }
      #expect(pushes.all.count <= 50)
    }
  }

  @Test func `the oldest is forgotten first`() {
    var pushes = DeliveredPushes(countMax: 3)
    for number in 1...4 { pushes.delivered(Push(digest: UInt128(number), record: 0)) }
    #expect(!pushes.hasDuplicate(of: Push(digest: 1, record: 9)))
    for number in 2...4 {
      #expect(pushes.hasDuplicate(of: Push(digest: UInt128(number), record: 9)))
    }
    #expect(pushes.all.map(\.digest) == [2, 3, 4])
  }
}
