import ArgumentParser
import Destinations
import Foundation
import TestSupport
import Testing

@testable import NoticeSender

/// What settings of PostgreSQL and Kafka mean; and what a program says of them that was built without.
struct EngineSettingsTests {
  private func kind(_ text: String) throws -> DestinationSettings.Kind? {
    let indented = text.split(separator: "\n").map { "    \($0)\n" }.joined()
    return try SettingsFile(
      parsing: "destinations:\n  big:\n\(indented)", file: "sender.yaml", environment: [:]
    ).destinations.first?.kind
  }

  private func said(_ text: String) -> String {
    #expect(throws: SettingsError.self) { try kind(text) }?.description ?? ""
  }

  private func option(_ text: String) throws -> DestinationSettings? {
    try SenderOptions.parse(["--spool", "/s", "--to", text]).settings(environment: [:])
      .destinations.first
  }

  @Test(arguments: [
    ("postgres://db/notices", "PostgreSQL", Engine.postgreSQL),
    ("postgresql:dbname=notices", "PostgreSQL", .postgreSQL),
    ("kafka://one:9092,two:9092/notices", "Kafka", .kafka),
  ])
  func `an engine that is not built in is told with its trait`(
    url: String, trait: String, engine: Engine
  ) throws {
    guard !engine.isBuiltIn else {
      #expect(try option(url) != nil)
      return
    }
    for said in [
      said("url: \"\(url)\""),
      #expect(throws: SettingsError.self) { try option(url) }?.description ?? "",
    ] {
      #expect(said.contains("built without \(trait): swift build"), "\(said)")
      #expect(said.hasSuffix("--traits \(trait)"), "\(said)")
    }
  }

  @Test(arguments: [
    (
      "postgres://me:secret@db.example.com:5433/notices?sslmode=verify-full",
      "postgres-db.example.com-notices"
    ),
    ("postgres:host=/run/postgresql dbname=notices password=hunter2", "postgres"),
    ("kafka://one:9092,two:9092/wecom.notices", "kafka-wecom.notices"),
  ])
  func `a name is made of a URL, without its secrets`(url: String, name: String) throws {
    #expect(try DestinationURL(url).nameDerived == name)
    #expect(DestinationSettings.isName(name))
  }

  @Test(arguments: [
    "kafka://", "kafka://one:9092", "kafka:one/topic", "kafka://one/a/b", "postgres:",
  ])
  func `a URL that lacks something is told`(url: String) {
    let said = said("url: \"\(url)\"")
    #expect(said.contains("kafka://HOST") || said.contains("postgres://HOST"), "\(said)")
  }

  @Test(.enabled(if: Engine.postgreSQL.isBuiltIn, "built without the trait PostgreSQL"))
  func `all of PostgreSQL's settings are read`() throws {
    let temporary = try TemporaryDirectory()
    let file = "\(temporary.path)/password"
    try "hunter2\n".write(toFile: file, atomically: false, encoding: .utf8)
    var expected = PostgreSQLSettings(connection: "postgres://db/notices")
    #expect(try kind("url: postgres://db/notices") == .postgreSQL(expected))
    expected.table = "wecom.messages"
    expected.createsTable = true
    expected.recordsMax = 250
    expected.connections = 4
    expected.password = "hunter2"
    expected.connectTimeoutSeconds = 3
    expected.timeoutSeconds = 60
    #expect(
      try kind(
        """
        url: postgres://db/notices
        table: wecom.messages
        create_table: true
        batch: 250
        connections: 4
        password_file: \(file)
        connect_timeout: 3
        timeout: 60
        """) == .postgreSQL(expected))
  }

  @Test(
    .enabled(if: Engine.postgreSQL.isBuiltIn, "built without the trait PostgreSQL"),
    arguments: [
      ("url: postgres://db/notices\ntable: a.b.c", "table 'a.b.c'"),
      ("url: postgres://db/notices\ntable: 'x\"; DROP TABLE y'", "expected NAME or SCHEMA.NAME"),
      ("url: postgres://db/notices\nbatch: 0", "expected a whole number"),
      ("url: postgres://db/notices\nconnections: 17", "from 1 to 16"),
      ("url: postgres://db/notices?sslmod=require", "invalid URI query parameter: \"sslmod\""),
      ("url: 'postgres:host=db hunter2'", "libpq cannot read the connection string"),
      ("url: postgres://me:%zzhunter2@db/notices", "libpq cannot read the connection string"),
      ("url: postgres://db/notices\nbody: record", "unknown key"),
    ])
  func `wrong settings of PostgreSQL are told, and no secret in them`(
    text: String, reason: String
  ) {
    let said = said(text)
    #expect(said.contains(reason), "\(said)")
    #expect(said.hasPrefix("sender.yaml:") && !said.contains("hunter2"), "\(said)")
  }

  @Test(.enabled(if: Engine.kafka.isBuiltIn, "built without the trait Kafka"))
  func `all of Kafka's settings are read`() throws {
    let temporary = try TemporaryDirectory()
    let file = "\(temporary.path)/password"
    try "hunter2\n".write(toFile: file, atomically: false, encoding: .utf8)
    var expected = KafkaSettings(brokers: "one:9092,two:9092", topic: "notices")
    #expect(try kind("url: kafka://one:9092,two:9092/notices") == .kafka(expected))
    expected.body = .message
    expected.inFlightMax = 100
    expected.userProperties = [
      "compression.type": "zstd", "security.protocol": "sasl_ssl", "sasl.password": "hunter2",
    ]
    #expect(
      try kind(
        """
        url: kafka://one:9092,two:9092/notices
        body: message
        in_flight: 100
        settings:
          compression.type: zstd
          security.protocol: sasl_ssl
          sasl.password: {file: \(file)}
        """) == .kafka(expected))
  }

  @Test(
    .enabled(if: Engine.kafka.isBuiltIn, "built without the trait Kafka"),
    arguments: [
      ("url: kafka://db/notices\nsettings: {acks: 1}", "acks cannot be set"),
      ("url: kafka://db/notices\nsettings: {linger: 5}", "no setting 'linger'"),
      (
        "url: kafka://db/notices\nsettings: {sasl.mechanisms: 5, compression.type: hunter2}",
        "does not take the value of 'compression.type'"
      ),
      ("url: kafka://db/not ices", "topic 'not ices'"),
      ("url: kafka://db/notices\nin_flight: 20000", "expected a whole number"),
    ])
  func `wrong settings of Kafka are told, and no secret in them`(text: String, reason: String) {
    let said = said(text)
    #expect(said.contains(reason), "\(said)")
    #expect(said.hasPrefix("sender.yaml:") && !said.contains("hunter2"), "\(said)")
  }

  @Test func `what is not there is told by a check`() throws {
    for (engine, kind) in [
      (
        Engine.postgreSQL,
        DestinationSettings.Kind.postgreSQL(
          PostgreSQLSettings(connection: "host=/no/such/dir dbname=notices"))
      ),
      (.kafka, .kafka(try Self.nobody())),
    ] {
      let finding = DestinationCheck(
        DestinationSettings(name: "big", kind: kind), spool: "/s", searchPath: ""
      ).finding()
      #expect(finding.grade == .failed && !finding.remedy.isEmpty)
      #expect(finding.detail.contains("built without") == !engine.isBuiltIn, "\(finding.detail)")
    }
  }

  private static func nobody() throws -> KafkaSettings {
    var settings = KafkaSettings(brokers: "127.0.0.1:\(try freePort())", topic: "notices")
    settings.userProperties = ["log_level": "2"]
    return settings
  }
}
