import Foundation
import TestSupport
import Testing

/// What `check` says of receivers that speak TLS, good and bad.
@Suite(.timeLimit(.minutes(15))) struct CheckTLSTests {
  private let temporary: TemporaryDirectory

  init() throws { temporary = try TemporaryDirectory() }

  private func check(
    _ url: String, caFile: String? = nil, environment: [String: String] = [:]
  ) throws -> SenderProgram.Result {
    let config = "\(temporary.path)/sender.yaml"
    let authority = caFile.map { ", ca_file: '\($0)'" } ?? ""
    try "spool: \(temporary.path)/spool\ndestinations: {crm: {url: '\(url)'\(authority)}}\n"
      .write(toFile: config, atomically: true, encoding: .utf8)
    return try SenderProgram(in: temporary).run(
      ["check", "--config", config], environment: environment)
  }

  private func expectFailure(
    _ result: SenderProgram.Result, _ reason: String, _ remedy: String,
    _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(result.status == 111, sourceLocation: location)
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(
      lines.contains { $0.hasPrefix("failed   crm       \(reason)") }, "\(result.output)",
      sourceLocation: location)
    #expect(
      lines.contains { $0.hasPrefix("                   → \(remedy)") }, "\(result.output)",
      sourceLocation: location)
  }

  private static let remedy =
    "correct the host in the URL, or name the authority that signed with ca_file"

  @Test func `a certificate that the CA file vouches for is good`() throws {
    let signed = try TLSReceiver(.signed)
    let result = try check(signed.url, caFile: signed.authority)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("ok       crm       localhost:\(signed.port) can be connected"))
    let selfSigned = try TLSReceiver(.selfSigned)
    #expect(try check(selfSigned.url, caFile: selfSigned.certificate).status == 0)
  }

  @Test func `a certificate that nobody vouches for is told`() throws {
    let selfSigned = try TLSReceiver(.selfSigned)
    expectFailure(try check(selfSigned.url), "certificate: self-signed certificate", Self.remedy)
    let signed = try TLSReceiver(.signed)
    let unknown = "certificate: unable to get local issuer certificate"
    expectFailure(try check(signed.url), unknown, Self.remedy)
    expectFailure(
      try check(signed.url, caFile: selfSigned.certificate), unknown, Self.remedy)
  }

  @Test func `a certificate for another host is told`() throws {
    let receiver = try TLSReceiver(.signed)
    let result = try check("https://127.0.0.1:\(receiver.port)/", caFile: receiver.authority)
    expectFailure(result, "certificate: ", Self.remedy)
    #expect(result.output.contains("'127.0.0.1'"), "\(result.output)")
  }

  @Test func `a certificate that is over is told, and by whom it can be mended`() throws {
    let receiver = try TLSReceiver(.expired)
    expectFailure(
      try check(receiver.url, caFile: receiver.authority), "certificate: certificate has expired",
      "have the receiver's certificate renewed, or see whether this host's clock is right")
  }

  @Test func `a CA file that is not there is a wrong setting, and one that is none is told`() throws
  {
    let receiver = try TLSReceiver(.signed)
    let path = "\(temporary.path)/none.pem"
    let missing = try check(receiver.url, caFile: path)
    #expect(missing.status == 100)
    #expect(
      missing.output.contains(
        "sender.yaml:2: destinations.crm.ca_file: unable to read \(path): No such file"))
    try "no certificate".write(toFile: path, atomically: false, encoding: .utf8)
    let result = try check(receiver.url, caFile: path)
    expectFailure(
      result, "CA file: ", "correct ca_file, client_certificate_file or client_key_file")
    #expect(result.output.contains(path), "\(result.output)")
  }

  @Test func `a receiver that speaks no TLS is told`() throws {
    // It is reached by a proxy, because its words come only after a request that can be read.
    let proxy = try HTTPReceiver { _ in .bytes("HTTP/1.1 200 OK\r\n\r\nSSH-2.0-OpenSSH_9.2\r\n") }
    let result = try check(
      "https://nowhere.invalid/", environment: ["https_proxy": "127.0.0.1:\(proxy.port)"])
    expectFailure(
      result, "TLS: ", "see whether nowhere.invalid:443 speaks TLS: http:// or https://?")
  }
}
