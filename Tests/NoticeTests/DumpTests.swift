import Notice
import TestSupport
import Testing
import Foundation
@Test func dump() throws {
  var out = ""
  for name in Samples.names {
    out += "\(name)\n" + String(decoding: NoticeMessage(try RecordOfSample.record(sample: name)).bytes, as: UTF8.self) + "\n"
  }
  try out.write(toFile: "/tmp/spooltests/forms.txt", atomically: true, encoding: .utf8)
}
