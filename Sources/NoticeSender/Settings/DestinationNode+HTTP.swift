import Destinations

extension DestinationNode {
  private static let httpKeys = [
    "method", "body", "concurrency", "connect_timeout", "timeout", "headers", "sign", "batch",
    "ca_file", "client_certificate_file", "client_key_file",
  ]

  func http(_ url: DestinationURL) throws(SettingsError) -> DestinationSettings {
    var http = HTTPSettings(url: url.text, body: .original, userAgent: SenderVersion.userAgent)
    var settings = try read(.http(http), keys: Self.httpKeys) { (member) throws(SettingsError) in
      let value = member.value
      switch member.key {
      case "method": http.method = try value.string()
      case "body":
        http.body = try value.choice(BodyForm.self)
        http.webhookHeaders = http.body != .original
      case "concurrency": http.concurrencyMax = try value.integer(in: 1...1000)
      case "connect_timeout": http.connectTimeoutSeconds = try value.integer(in: 1...3600)
      case "timeout": http.timeoutSeconds = try value.integer(in: 1...3600)
      case "headers": http.headers = try Self.headers(value)
      case "sign": http.signingSecrets = try Self.secrets(value)
      case "batch": http.batch = try Self.batch(value)
      case "ca_file": http.caFile = try Self.readablePath(value)
      case "client_certificate_file": http.clientCertificateFile = try Self.readablePath(value)
      default: http.clientKeyFile = try Self.readablePath(value)
      }
    }
    do throws(HTTPSettingsError) {
      try http.validate()
    } catch {
      throw node.error(error.description)
    }
    settings.kind = .http(http)
    return settings
  }

  /// `Name: value`, or `Name: {file: PATH}` for a value that is a secret.
  private static func headers(_ node: SettingsNode) throws(SettingsError) -> [HTTPHeader] {
    var headers: [HTTPHeader] = []
    try node.forEachMember(known: nil) { (member) throws(SettingsError) in
      guard member.value.isMapping else {
        return headers.append(HTTPHeader(member.key, try member.value.string()))
      }
      try member.value.forEachMember(known: ["file"]) { (file) throws(SettingsError) in
        headers.append(HTTPHeader(member.key, try file.value.fileContent()))
      }
    }
    return headers
  }

  /// One secret or a list of them, by itself or in files.
  private static func secrets(_ node: SettingsNode) throws(SettingsError) -> [WebhookSecret] {
    var secrets: [WebhookSecret] = []
    try node.forEachMember(known: ["secret", "secret_file"]) { (member) throws(SettingsError) in
      try SettingsError.collect(member.value.entries) { (entry) throws(SettingsError) in
        let text = try member.key == "secret" ? entry.string() : entry.fileContent()
        do throws(WebhookSecretError) {
          secrets.append(try WebhookSecret(text))
        } catch {
          throw entry.error(error.description)
        }
      }
    }
    if secrets.isEmpty { throw node.error("expected a secret or a secret_file") }
    return secrets
  }

  private static func batch(_ node: SettingsNode) throws(SettingsError) -> BatchSettings {
    var batch = BatchSettings(recordsMax: 100)
    try node.forEachMember(
      known: ["records", "form", "gzip", "linger_ms", "bytes"]
    ) { (member) throws(SettingsError) in
      let value = member.value
      switch member.key {
      case "records": batch.recordsMax = try value.integer(in: 1...10_000)
      case "form": batch.format = try value.choice(BatchSettings.Format.self)
      case "gzip": batch.gzip = try value.flag()
      case "linger_ms": batch.lingerMilliseconds = try value.integer(in: 0...60_000)
      default: batch.bytesMax = try value.integer(in: 1...(256 << 20))
      }
    }
    return batch
  }

  /// A path that a file can be read at; else every delivery would fail.
  private static func readablePath(_ node: SettingsNode) throws(SettingsError) -> String {
    _ = try node.fileContent()
    return try node.path()
  }
}
