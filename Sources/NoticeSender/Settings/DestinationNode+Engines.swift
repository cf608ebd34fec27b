import Destinations

/// What only PostgreSQL and Kafka have.
extension DestinationNode {
  private static let postgreSQLKeys = [
    "table", "create_table", "batch", "connections", "password_file", "connect_timeout",
    "timeout",
  ]

  func postgreSQL(_ connection: String) throws(SettingsError) -> DestinationSettings {
    var database = PostgreSQLSettings(connection: connection)
    var settings = try read(
      .postgreSQL(database), keys: Self.postgreSQLKeys
    ) { (member) throws(SettingsError) in
      let value = member.value
      switch member.key {
      case "table": database.table = try value.string()
      case "create_table": database.createsTable = try value.flag()
      case "batch":
        database.recordsMax = try value.integer(in: PostgreSQLSettings.recordsRange)
      case "connections":
        database.connections = try value.integer(in: PostgreSQLSettings.connectionsRange)
      case "password_file": database.password = try value.fileContent()
      case "connect_timeout":
        database.connectTimeoutSeconds = try value.integer(in: PostgreSQLSettings.timeoutRange)
      default: database.timeoutSeconds = try value.integer(in: PostgreSQLSettings.timeoutRange)
      }
    }
    do throws(SettingsError) {
      settings.kind = .postgreSQL(try database.examined())
    } catch {
      throw node.error("\(error)")
    }
    return settings
  }

  func kafka(_ brokers: String, _ topic: String) throws(SettingsError) -> DestinationSettings {
    var cluster = KafkaSettings(brokers: brokers, topic: topic)
    var settings = try read(
      .kafka(cluster), keys: ["body", "in_flight", "settings"]
    ) { (member) throws(SettingsError) in
      switch member.key {
      case "body": cluster.body = try member.value.choice(BodyForm.self)
      case "in_flight":
        cluster.inFlightMax = try member.value.integer(in: KafkaSettings.inFlightRange)
      default: cluster.userProperties = try Self.properties(member.value)
      }
    }
    do throws(SettingsError) {
      settings.kind = .kafka(try cluster.examined())
    } catch {
      throw node.error("\(error)")
    }
    return settings
  }

  /// `name: value`, or `name: {file: PATH}` for a value that is a secret.
  private static func properties(_ node: SettingsNode) throws(SettingsError) -> [String: String] {
    var properties: [String: String] = [:]
    try node.forEachMember(known: nil) { (member) throws(SettingsError) in
      guard member.value.isMapping else {
        properties[member.key] = try member.value.string()
        return
      }
      try member.value.forEachMember(known: ["file"]) { (file) throws(SettingsError) in
        properties[member.key] = try file.value.fileContent()
      }
    }
    return properties
  }
}

extension PostgreSQLSettings {
  /// Fails where nothing could ever be delivered by them.
  func examined() throws(SettingsError) -> PostgreSQLSettings {
    do throws(PostgreSQLSettingsError) {
      try validate()
      try PostgreSQLDestination.examine(self)
      return self
    } catch {
      throw SettingsError("\(error)")
    }
  }
}

extension KafkaSettings {
  /// Fails where nothing could ever be delivered by them.
  func examined() throws(SettingsError) -> KafkaSettings {
    do throws(KafkaSettingsError) {
      try validate()
      try KafkaDestination.examine(self)
      return self
    } catch {
      throw SettingsError("\(error)")
    }
  }
}
