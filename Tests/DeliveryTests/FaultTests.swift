import Delivery
import TestSupport
import Testing

struct FaultTests {
  @Test(
    arguments: [
      (200, nil), (201, nil), (204, nil), (299, nil),
      (301, Fault.destination), (304, .destination), (400, .messageForGood),
      (401, .destination), (402, .destination), (403, .destination), (404, .destination),
      (405, .destination), (406, .destination), (407, .destination), (408, .messageForNow),
      (409, .messageForNow), (410, .destination), (411, .messageForNow), (413, .messageForGood),
      (414, .messageForGood), (415, .messageForGood), (418, .messageForNow), (421, .destination),
      (422, .messageForGood), (423, .messageForNow), (424, .messageForNow), (425, .messageForNow),
      (426, .destination), (429, .overload), (431, .messageForGood), (451, .messageForGood),
      (500, .messageForNow), (501, .destination), (502, .overload), (503, .overload),
      (504, .overload), (505, .destination), (599, .messageForNow),
    ] as [(Int, Fault?)])
  func `each status has its fault`(status: Int, fault: Fault?) {
    #expect(Fault(.status(status)) == fault)
  }

  @Test func `what is no answer has its fault as well`() {
    #expect(Fault(.unreachable(reason: "")) == .unreachable)
    #expect(Fault(.failed(reason: "")) == .unreachable)
    #expect(Fault(.refused(reason: "")) == .messageForGood)
  }
}
