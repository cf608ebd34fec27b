import Testing

@testable import FastCGI

struct ListenAddressTests {
  @Test(arguments: [
    ("unix:/run/notice.sock", ListenAddress.unix(path: "/run/notice.sock")),
    ("unix:notice.sock", .unix(path: "notice.sock")),
    (":9000", .ipv4(host: "127.0.0.1", port: 9000)),
    ("localhost:9000", .ipv4(host: "127.0.0.1", port: 9000)),
    ("0.0.0.0:1", .ipv4(host: "0.0.0.0", port: 1)),
    ("192.0.2.7:65535", .ipv4(host: "192.0.2.7", port: 65535)),
    ("[::1]:9000", .ipv6(host: "::1", port: 9000)),
    ("[2001:db8::7]:80", .ipv6(host: "2001:db8::7", port: 80)),
  ])
  func `an address is read`(text: String, expected: ListenAddress) throws {
    #expect(try ListenAddress(text) == expected)
  }

  @Test(arguments: [
    ("", "neither unix: nor a port"),
    ("9000", "neither unix: nor a port"),
    ("/run/notice.sock", "neither unix: nor a port"),
    ("unix:", "needs a path"),
    ("unix:/" + String(repeating: "x", count: 107), "at most 107 bytes"),
    (":0", "from 1 to 65535"),
    (":65536", "from 1 to 65535"),
    (":", "from 1 to 65535"),
    ("127.0.0.1:http", "from 1 to 65535"),
    ("example.com:80", "numeric IPv4"),
    ("::1:80", "numeric IPv4"),
    ("[::g]:80", "not a numeric IPv6"),
    ("256.1.1.1:80", "numeric IPv4"),
  ])
  func `a wrong address is refused with what is right`(text: String, reason: String) {
    let error = #expect(throws: ListenAddress.Invalid.self) { try ListenAddress(text) }
    #expect(error?.description.contains(reason) == true)
  }
}
