#if PostgreSQL
  import CPostgreSQL
  import Glibc

  /// A session by libpq's asynchronous calls: what is waited for is always the owner's `poll`. (Only the look-up of a host's
  /// name is waited for here.) A command goes when the one before is done: libpq has no COPY in its pipeline mode.
  @safe final class LibpqSession: PostgreSQLSession {
    private let connection: OpaquePointer
    private(set) var isOpen = false
    /// While connecting, what PQconnectPoll asked for; then, whether there is something to send.
    private var waitsForWriting = true
    /// Sent, and not done.
    private var underWay: PostgreSQLCommand?
    private var answer: PostgreSQLAnswer = .success([])
    /// Not sent yet.
    private var waiting: ArraySlice<PostgreSQLCommand> = []

    init(_ settings: PostgreSQLSettings) throws(PostgreSQLError) {
      // Of a keyword that is there twice, the last counts; those before `dbname` can be overridden by it.
      var parameters = [
        ("fallback_application_name", "notice-sender"), ("dbname", settings.connection),
        ("client_encoding", "UTF8"),
      ]
      if let password = settings.password { parameters.append(("password", password)) }
      let started = unsafe Self.withCStrings(parameters.map(\.0)) { keywords in
        unsafe Self.withCStrings(parameters.map(\.1)) { values in
          unsafe PQconnectStartParams(keywords, values, 1)
        }
      }
      guard let connection = unsafe started else { fatalError("unable to allocate a PGconn") }
      unsafe self.connection = unsafe connection
      unsafe PQsetNoticeProcessor(connection, { _, _ in }, nil)
      guard unsafe PQstatus(connection) != CONNECTION_BAD else { throw connectionError() }
    }

    deinit { unsafe PQfinish(connection) }

    var interest: (descriptor: Int32, forReading: Bool, forWriting: Bool) {
      (unsafe PQsocket(connection), isOpen || !waitsForWriting, waitsForWriting)
    }

    func send(_ command: PostgreSQLCommand) throws(PostgreSQLError) {
      waiting.append(command)
      try sendNext()
    }

    private func sendNext() throws(PostgreSQLError) {
      guard underWay == nil, let command = waiting.popFirst() else { return }
      underWay = command
      answer = .success([])
      guard start(command) == 1 else { throw connectionError() }
      try flush()
    }

    private func start(_ command: PostgreSQLCommand) -> Int32 {
      let count = command.parameters.count
      let bytes = command.parameters.flatMap { $0 ?? [] }
      let lengths = command.parameters.map { Int32($0?.count ?? 0) }
      let formats = [Int32](repeating: 1, count: count)
      return unsafe bytes.withUnsafeBufferPointer { bytes -> Int32 in
        var values: [UnsafePointer<CChar>?] = unsafe []
        var offset = 0
        let base = unsafe UnsafeRawPointer(bytes.baseAddress)
        for parameter in command.parameters {
          // libpq takes nil for NULL, so what is empty needs an address as well: its length is 0.
          let address = unsafe base.map { unsafe $0 + offset } ?? UnsafeRawPointer(bitPattern: 1)
          unsafe values.append(
            parameter == nil ? nil : address?.assumingMemoryBound(to: CChar.self))
          offset += parameter?.count ?? 0
        }
        return unsafe PQsendQueryParams(
          connection, command.sql, Int32(count), nil, values, lengths, formats, 0)
      }
    }

    func work() throws(PostgreSQLError) -> [PostgreSQLAnswer] {
      guard isOpen else {
        try connect()
        return []
      }
      // Reading first: a server that ends the connection says why before.
      guard unsafe PQconsumeInput(connection) == 1 else { throw connectionError() }
      try flush()
      var answers: [PostgreSQLAnswer] = []
      while underWay != nil, unsafe PQisBusy(connection) == 0 {
        // A command is done, and committed, when there are no more results of it; until then it can still fail.
        guard let result = unsafe PQgetResult(connection) else {
          underWay = nil
          answers.append(answer)
          try sendNext()
          continue
        }
        defer { unsafe PQclear(result) }
        try unsafe take(result)
      }
      guard unsafe PQstatus(connection) == CONNECTION_OK else { throw connectionError() }
      return answers
    }

    private func connect() throws(PostgreSQLError) {
      switch unsafe PQconnectPoll(connection) {
      case PGRES_POLLING_READING: waitsForWriting = false
      case PGRES_POLLING_WRITING: waitsForWriting = true
      case PGRES_POLLING_OK:
        guard unsafe PQsetnonblocking(connection, 1) == 0 else { throw connectionError() }
        waitsForWriting = false
        isOpen = true
      default: throw connectionError()
      }
    }

    private func flush() throws(PostgreSQLError) {
      let left = unsafe PQflush(connection)
      guard left >= 0 else { throw connectionError() }
      waitsForWriting = left > 0
    }

    private func take(_ result: OpaquePointer) throws(PostgreSQLError) {
      switch unsafe PQresultStatus(result) {
      case PGRES_COPY_IN: try copy(underWay?.copied ?? [])
      case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
      case PGRES_TUPLES_OK:
        guard unsafe PQntuples(result) > 0 else { break }
        answer = .success(
          (0..<(unsafe PQnfields(result))).map { column in
            unsafe PQgetisnull(result, 0, column) == 1
              ? nil : unsafe String(cString: PQgetvalue(result, 0, column))
          })
      default:
        answer = .failure(unsafe Self.error(of: result))
      }
    }

    /// libpq keeps what the server does not read at once.
    private func copy(_ rows: [UInt8]) throws(PostgreSQLError) {
      let isTaken = unsafe rows.withUnsafeBytes { rows in
        unsafe PQputCopyData(
          connection, rows.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(rows.count)) == 1
      }
      guard isTaken, unsafe PQputCopyEnd(connection, nil) == 1 else { throw connectionError() }
      try flush()
    }

    private static func error(of result: OpaquePointer) -> PostgreSQLError {
      let field = { (code: Int32) in
        unsafe PQresultErrorField(result, code).map { unsafe String(cString: $0) }
      }
      // PG_DIAG_SQLSTATE, PG_DIAG_MESSAGE_PRIMARY and PG_DIAG_MESSAGE_DETAIL are characters in C.
      let code = { (letter: Unicode.Scalar) in Int32(letter.value) }
      let whole = unsafe String(cString: PQresultErrorMessage(result))
      return PostgreSQLError(state: field(code("C")), message: field(code("M")) ?? whole)
    }

    private func connectionError() -> PostgreSQLError {
      PostgreSQLError(state: nil, message: unsafe String(cString: PQerrorMessage(connection)))
    }

    private static func withCStrings<Result>(
      _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
      let copies = unsafe texts.map { unsafe UnsafePointer<CChar>(strdup($0)) } + [nil]
      defer {
        for index in unsafe copies.indices {
          unsafe free(UnsafeMutablePointer(mutating: copies[index]))
        }
      }
      return unsafe copies.withUnsafeBufferPointer { unsafe body($0.baseAddress!) }
    }
  }

  extension PostgreSQLDestination {
    static let isBuiltIn = true

    /// Fails where libpq cannot read the connection string; which is not shown, as it may hold a secret.
    package static func examine(
      _ settings: PostgreSQLSettings
    ) throws(PostgreSQLSettingsError) {
      var words: UnsafeMutablePointer<CChar>?
      if let options = unsafe PQconninfoParse(settings.connection, &words) {
        return unsafe PQconninfoFree(options)
      }
      defer { unsafe PQfreemem(words) }
      let reason = unsafe words.map { unsafe String(cString: $0) } ?? ""
      // Of libpq's words, only those that name a parameter.
      let shown =
        ["invalid URI query parameter", "invalid connection option"]
          .contains(where: reason.hasPrefix) ? ": " + reason.split(separator: "\n").joined() : ""
      throw PostgreSQLSettingsError("libpq cannot read the connection string" + shown)
    }

    static func connect(
      _ settings: PostgreSQLSettings
    ) throws(PostgreSQLError) -> any PostgreSQLSession {
      try LibpqSession(settings)
    }
  }
#else
  extension PostgreSQLDestination {
    static let isBuiltIn = false

    package static func examine(
      _ settings: PostgreSQLSettings
    ) throws(PostgreSQLSettingsError) {
      throw PostgreSQLSettingsError(Engine.postgreSQL.missing)
    }

    static func connect(
      _ settings: PostgreSQLSettings
    ) throws(PostgreSQLError) -> any PostgreSQLSession {
      throw PostgreSQLError(state: nil, message: Engine.postgreSQL.missing)
    }
  }
#endif
