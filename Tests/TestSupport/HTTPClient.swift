import Foundation

/// A plain HTTP/1.1 client on one connection that is kept: it sends what it is told to, a GET with a body or a
/// Content-Length that lies, too.
package final class HTTPClient {
  package struct Answer {
    package let status: Int
    package let headers: [String: String]
    package let body: [UInt8]

    package var text: String { String(decoding: body, as: UTF8.self) }
  }

  private let port: Int
  private var descriptor: Int32 = -1

  package init(port: Int) {
    self.port = port
  }

  deinit { disconnect() }

  /// `contentLength`: what to say instead of the truth.
  package func send(
    _ method: String, _ target: String, body: [UInt8] = [], headers: [String] = [],
    contentLength: Int? = nil
  ) throws -> Answer {
    if descriptor < 0 { try connect() }
    let head =
      ([
        "\(method) \(target) HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json",
        "Content-Length: \(contentLength ?? body.count)",
      ] + headers).joined(separator: "\r\n") + "\r\n\r\n"
    do {
      try write(Array(head.utf8) + body)
      if let contentLength, contentLength > body.count {
        // Nothing more will come, and the other side shall know it.
        shutdown(descriptor, Int32(SHUT_WR))
      }
      return try readAnswer()
    } catch {
      disconnect()
      throw error
    }
  }

  package func disconnect() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  private func connect() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    // Above what nginx waits for in a test.
    var time = timeval(tv_sec: 60, tv_usec: 0)
    unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe Glibc.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      disconnect()
      throw TestFailure("unable to connect to port \(port)")
    }
  }

  private func write(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.send(
          descriptor, buffer.baseAddress! + sent, buffer.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw TestFailure("the connection was closed while sending") }
      sent += count
    }
  }

  private func readAnswer() throws -> Answer {
    var bytes: [UInt8] = []
    let separator = Array("\r\n\r\n".utf8)
    var headEnd: Int?
    while headEnd == nil {
      try readMore(&bytes)
      headEnd = bytes.firstRange(of: separator)?.lowerBound
    }
    let lines = String(decoding: bytes[..<headEnd!], as: UTF8.self).components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...]
        .trimmingCharacters(in: .whitespaces)
    }
    guard let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw TestFailure("no status in '\(lines[0])'")
    }
    var body = Array(bytes[(headEnd! + 4)...])
    if headers["transfer-encoding"]?.lowercased() == "chunked" {
      body = try readChunks(&body)
      if headers["connection"]?.lowercased() == "close" { disconnect() }
      return Answer(status: status, headers: headers, body: body)
    }
    guard let length = headers["content-length"].flatMap({ Int($0) }) else {
      // To the end of the connection: none of the answers that are looked into is.
      disconnect()
      return Answer(status: status, headers: headers, body: body)
    }
    while body.count < length { try readMore(&body) }
    if headers["connection"]?.lowercased() == "close" { disconnect() }
    return Answer(status: status, headers: headers, body: body)
  }

  /// A body in parts, each with its length before it (RFC 9112 §7.1), without trailers.
  private func readChunks(_ bytes: inout [UInt8]) throws -> [UInt8] {
    let lineEnd = Array("\r\n".utf8)
    var body: [UInt8] = []
    while true {
      while bytes.firstRange(of: lineEnd) == nil { try readMore(&bytes) }
      let line = bytes[..<bytes.firstRange(of: lineEnd)!.lowerBound]
      let digits = line.prefix { $0 != UInt8(ascii: ";") }
      guard let count = Int(String(decoding: digits, as: UTF8.self), radix: 16) else {
        throw TestFailure("no length of a chunk in '\(String(decoding: line, as: UTF8.self))'")
      }
      while bytes.count < line.count + 4 + count { try readMore(&bytes) }
      bytes.removeFirst(line.count + 2)
      body += bytes.prefix(count)
      bytes.removeFirst(count + 2)
      if count == 0 { return body }
    }
  }

  private func readMore(_ bytes: inout [UInt8]) throws {
    var buffer = [UInt8](repeating: 0, count: 16384)
    let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { throw TestFailure("the connection was closed before the answer") }
    bytes += buffer[..<count]
  }
}
