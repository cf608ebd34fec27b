import Destinations
import Foundation
import TestSupport
import Testing

/// The whole way into a PostgreSQL that takes only TLS and a password by SCRAM.
@Suite(
  .timeLimit(.minutes(15)),
  .enabled(if: Engine.postgreSQL.isBuiltIn, "built without the trait PostgreSQL"))
struct PostgreSQLTLSTests {
  @Test
  func `a wrong authority, host or password is told and loses nothing, the right ones deliver`()
    throws
  {
    let server = try PostgreSQLServer(withTLS: true)
    // Signed by somebody else.
    let other = try TLSReceiver(.signed)
    _ = try server.addUser("sender", password: EngineTrial.password)
    let trial = try EngineTrial()
    func destination(
      host: String = "localhost", authority: String? = nil, mode: String = "verify-full",
      password: String = "right"
    ) throws -> String {
      let url = try server.url(
        "sender", host: host,
        query: "sslmode=\(mode)&sslrootcert=\(authority ?? server.authority)")
      return "url: '\(url)'\npassword_file: \(trial.file(password))\ncreate_table: true"
    }
    try eventually("the server has read its rules again") {
      try !server.query("SELECT 1 FROM pg_hba_file_rules WHERE user_name = '{sender}'").isEmpty
    }
    try trial.expectFault(
      destination(authority: other.authority), ["certificate verify failed"])
    try trial.expectFault(
      destination(host: "127.0.0.1"),
      ["server certificate for \"localhost\"", "does not match host name \"127.0.0.1\""])
    try trial.expectFault(
      destination(password: "wrong"), ["password authentication failed for user \"sender\""])
    try trial.expectFault(destination(mode: "disable"), ["no encryption"])
    try trial.expectFault(
      destination(authority: "/nowhere/ca.pem"), ["root certificate file", "/nowhere/ca.pem"])
    #expect(
      try server.query("SELECT count(*) FROM pg_tables WHERE tablename = 'notices'") == ["0"])

    try trial.expectDelivery(destination())
    #expect(try server.query("SELECT message_id FROM notices").sorted() == trial.messageIDs)
    try trial.expectNoSecrets()
  }
}
