import Glibc

@testable import FastCGI

/// A web server's side of one FastCGI connection, record by record.
final class FastCGIClient: Sendable {
  let descriptor: Int32

  init(_ address: ListenAddress) throws {
    descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let result = unsafe address.withSocketAddress { unsafe connect(descriptor, $0, $1) }
    guard result == 0 else { throw ClientError.notConnected(errno) }
    // A test must end even when no answer comes.
    var time = timeval(tv_sec: 20, tv_usec: 0)
    unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  enum ClientError: Error {
    case notConnected(Int32)
    case notSent(Int32)
    case ended(after: [UInt8])
  }

  enum RecordType: UInt8 {
    case begin = 1
    case abort, end, parameters, input, output
  }

  func record(_ type: RecordType, _ content: [UInt8]) throws {
    let header: [UInt8] = [
      1, type.rawValue, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 255), 0, 0,
    ]
    try send(header + content)
  }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let result = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.send(
          descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard result > 0 else { throw ClientError.notSent(errno) }
      sent += result
    }
  }

  /// All of a request up to its body.
  func begin(_ parameters: [String: String], keep: Bool) throws {
    try record(.begin, [0, 1, keep ? 1 : 0, 0, 0, 0, 0, 0])
    var content: [UInt8] = []
    for (name, value) in parameters {
      for count in [name.utf8.count, value.utf8.count] {
        content += count < 128 ? [UInt8(count)] : [0x80, 0, UInt8(count >> 8), UInt8(count & 255)]
      }
      content += Array(name.utf8) + Array(value.utf8)
    }
    try record(.parameters, content)
    try record(.parameters, [])
  }

  func body(_ bytes: [UInt8]) throws {
    for start in stride(from: 0, to: bytes.count, by: 60_000) {
      try record(.input, Array(bytes[start..<min(start + 60_000, bytes.count)]))
    }
    try record(.input, [])
  }

  /// A whole request; returns the answer's bytes.
  func request(
    _ parameters: [String: String] = [:], body: [UInt8] = [], declared: Int? = nil,
    keep: Bool = true
  ) throws -> String {
    var parameters = parameters
    parameters["CONTENT_LENGTH"] = "\(declared ?? body.count)"
    try begin(parameters, keep: keep)
    try self.body(body)
    return try answer()
  }

  /// What comes until the record that ends the request.
  func answer() throws -> String {
    var output: [UInt8] = []
    while true {
      let header = try receive(8, after: output)
      let content = try receive(Int(header[4]) << 8 | Int(header[5]), after: output)
      _ = try receive(Int(header[6]), after: output)
      switch RecordType(rawValue: header[1]) {
      case .output: output += content
      case .end: return String(decoding: output, as: UTF8.self)
      default: throw ClientError.ended(after: output)
      }
    }
  }

  /// Whether the server ends the connection within the time.
  func endsWithin(milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&entry, 1, milliseconds) > 0 else { return false }
    var byte: UInt8 = 0
    return unsafe recv(descriptor, &byte, 1, 0) <= 0
  }

  private func receive(_ count: Int, after output: [UInt8]) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var more = [UInt8](repeating: 0, count: count - bytes.count)
      let result = unsafe recv(descriptor, &more, more.count, 0)
      guard result > 0 else { throw ClientError.ended(after: output) }
      bytes += more.prefix(result)
    }
    return bytes
  }
}
