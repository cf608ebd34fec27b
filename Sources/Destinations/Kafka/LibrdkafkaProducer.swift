#if Kafka
  import CKafka
  import Delivery
  import Notice
  import SystemCalls

  /// A producer by librdkafka's event interface: its threads call nothing of ours, and tell of what is there by a wake-up.
  @safe final class LibrdkafkaProducer: KafkaProducer {
    private struct Message {
      let attempt: DeliveryAttempt
      /// nil: the record's line.
      let value: [UInt8]?
    }

    private let handle: OpaquePointer
    private let topicName: String
    /// The first message makes it known to librdkafka, which asks the brokers for it, and they may make it.
    private var topic: OpaquePointer?
    private let queue: OpaquePointer
    private let news: WakeUp
    private let body: BodyForm
    /// What is not reported yet. librdkafka sends from it and has no copies.
    private var messages = Places<Message>()
    /// What a broker's connection last complained of, which a message's own report does not tell.
    private var trouble: String?

    init(_ settings: KafkaSettings) throws(KafkaError) {
      let configuration: OpaquePointer
      do throws(KafkaSettingsError) {
        unsafe configuration = try Self.configuration(settings)
      } catch {
        throw KafkaError(kind: .fatal, description: "\(error)")
      }
      unsafe rd_kafka_conf_set_events(configuration, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR)
      var words = [CChar](repeating: 0, count: 512)
      guard
        let handle = unsafe rd_kafka_new(
          RD_KAFKA_PRODUCER, configuration, &words, words.count)
      else {
        unsafe rd_kafka_conf_destroy(configuration)
        throw KafkaError(kind: .fatal, description: Self.text(words))
      }
      do throws(SystemCallError) {
        news = try WakeUp()
      } catch {
        unsafe rd_kafka_destroy(handle)
        throw KafkaError(kind: .fatal, description: "\(error)")
      }
      unsafe self.handle = unsafe handle
      topicName = settings.topic
      body = settings.body
      unsafe queue = unsafe rd_kafka_queue_get_main(handle)
      // What eventfd(2) takes; librdkafka keeps a copy.
      var one: UInt64 = 1
      unsafe rd_kafka_queue_io_event_enable(
        queue, news.descriptor, &one, MemoryLayout<UInt64>.size)
    }

    deinit {
      // Nobody is there any more to take reports, and nothing is waited for.
      unsafe rd_kafka_purge(
        handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING)
      unsafe rd_kafka_queue_io_event_enable(queue, -1, nil, 0)
      unsafe rd_kafka_queue_destroy(queue)
      if let topic = unsafe topic { unsafe rd_kafka_topic_destroy(topic) }
      unsafe rd_kafka_destroy(handle)
    }

    var descriptor: Int32 { news.descriptor }

    func produce(_ attempts: ArraySlice<DeliveryAttempt>) -> (taken: Int, fault: KafkaError?) {
      var taken = 0
      do throws(KafkaError) {
        let topic = unsafe try knownTopic()
        // One access for all.
        var messages = Places<Message>()
        swap(&messages, &self.messages)
        defer { swap(&messages, &self.messages) }
        let now = Clock.realtimeMilliseconds()
        for attempt in attempts {
          unsafe try produce(attempt, to: topic, at: now, &messages)
          taken += 1
        }
        return (taken, nil)
      } catch {
        return (taken, error)
      }
    }

    private func produce(
      _ attempt: DeliveryAttempt, to topic: OpaquePointer, at now: Int,
      _ messages: inout Places<Message>
    ) throws(KafkaError) {
      let record = attempt.record
      let ownValue = body == .record ? nil : body.bytes(of: record)
      let keyRange = record.chatKeyRange
      // Nearly every chat's key stands in the line.
      let ownKey = keyRange == nil ? record.chatKey.map { Array($0.utf8) } : nil
      let hasKey = keyRange != nil || ownKey != nil
      let type = record.typeName
      var typeText = type ?? ""
      // Safe: an array that nobody changes stays where it is as long as somebody has it.
      let place = messages.add(Message(attempt: attempt, value: ownValue))
      let error = unsafe record.line.withUnsafeBytes { line in
        unsafe (ownValue ?? []).withUnsafeBytes { other in
          let value = unsafe ownValue == nil ? line : other
          return unsafe (ownKey ?? []).withUnsafeBytes { ownKey in
            typeText.withUTF8 { typeBytes in
              let key =
                unsafe keyRange.map { unsafe UnsafeRawBufferPointer(rebasing: line[$0]) } ?? ownKey
              let id = unsafe UnsafeRawBufferPointer(rebasing: line[record.idRange])
              return unsafe rd_kafka_produce_notice(
                handle, topic, hasKey ? key.baseAddress : nil, key.count, value.baseAddress,
                value.count, id.baseAddress, id.count, type == nil ? nil : typeBytes.baseAddress,
                typeBytes.count, Int64(now),
                // 0 is no pointer.
                UnsafeMutableRawPointer(bitPattern: place &+ 1))
            }
          }
        }
      }
      guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
        _ = messages.remove(at: place)
        throw Self.error(error, "")
      }
    }

    private func knownTopic() throws(KafkaError) -> OpaquePointer {
      if let topic = unsafe topic { return unsafe topic }
      guard let made = unsafe rd_kafka_topic_new(handle, topicName, nil) else {
        throw Self.error(rd_kafka_last_error(), "")
      }
      unsafe topic = unsafe made
      return unsafe made
    }

    var underWay: [DeliveryAttempt] { messages.all.map(\.attempt) }

    func take(_ report: (consuming DeliveryAttempt, KafkaError?) -> Void) {
      news.clear()
      var messages = Places<Message>()
      swap(&messages, &self.messages)
      defer { swap(&messages, &self.messages) }
      while let event = unsafe rd_kafka_queue_poll(queue, 0) {
        defer { unsafe rd_kafka_event_destroy(event) }
        switch unsafe rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_DR:
          while let message = unsafe rd_kafka_event_message_next(event) {
            let place = unsafe Int(bitPattern: message.pointee._private) &- 1
            guard let sent = messages.remove(at: place) else { continue }
            let error = unsafe error(of: message.pointee)
            if error == nil, trouble != nil { trouble = nil }
            report(sent.attempt, error)
          }
        case RD_KAFKA_EVENT_ERROR:
          trouble = unsafe String(cString: rd_kafka_event_error_string(event))
        default: break
        }
      }
    }

    /// librdkafka takes a request's success for that of requests before it which had failed, as a broker that looks at sequence
    /// numbers takes none without them. But one that knows nothing of a producer takes any number for its first (KIP-360): what
    /// was refused for want of replicas, say, would count as delivered and be nowhere. Of such a message no broker has told
    /// an offset; and so it is not delivered.
    private func error(of message: rd_kafka_message_t) -> KafkaError? {
      guard unsafe message.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
        return Self.error(unsafe message.err, trouble.map { "; \($0)" } ?? "")
      }
      guard unsafe message.offset != RD_KAFKA_OFFSET_INVALID else {
        return KafkaError(kind: .cluster, description: "a broker has told of a later message only")
      }
      return nil
    }

    var fatalFault: KafkaError? {
      var words = [CChar](repeating: 0, count: 512)
      guard unsafe rd_kafka_fatal_error(handle, &words, words.count) != RD_KAFKA_RESP_ERR_NO_ERROR
      else { return nil }
      return KafkaError(kind: .fatal, description: Self.text(words))
    }

    func knows(topic: String, milliseconds: Int) throws(KafkaError) -> Bool {
      var metadata: UnsafePointer<rd_kafka_metadata>?
      let error = unsafe rd_kafka_metadata(handle, 1, nil, &metadata, Int32(milliseconds))
      take { _, _ in }
      guard error == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata = unsafe metadata else {
        throw Self.error(error, trouble.map { "; \($0)" } ?? "")
      }
      defer { unsafe rd_kafka_metadata_destroy(metadata) }
      return (0..<Int(unsafe metadata.pointee.topic_cnt)).contains { index in
        unsafe String(cString: metadata.pointee.topics[index].topic) == topic
      }
    }

    // MARK: Errors

    private static let ofMessage = [
      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE,
      RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP,
      RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR__BAD_MSG,
    ]
    private static let ofReach = [
      RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT,
      RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
      RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
    ]

    private static func error(_ code: rd_kafka_resp_err_t, _ more: String) -> KafkaError {
      let kind: KafkaError.Kind =
        if code == RD_KAFKA_RESP_ERR__QUEUE_FULL {
          .queueFull
        } else if code == RD_KAFKA_RESP_ERR__FATAL {
          .fatal
        } else if ofMessage.contains(code) {
          .message
        } else {
          ofReach.contains(code) ? .unreachable : .cluster
        }
      let words = unsafe String(cString: rd_kafka_err2str(code))
      return KafkaError(kind: kind, description: words + more)
    }

    private static func text(_ words: [CChar]) -> String {
      String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: Settings

    /// Fails where librdkafka knows no such setting, or does not take its value; which is not shown, as it may be a secret.
    static func configuration(_ settings: KafkaSettings) throws(KafkaSettingsError) -> OpaquePointer
    {
      guard let configuration = unsafe rd_kafka_conf_new() else {
        fatalError("unable to allocate librdkafka's settings")
      }
      for (name, value) in settings.properties {
        let result = unsafe rd_kafka_conf_set(configuration, name, value, nil, 0)
        guard result != RD_KAFKA_CONF_OK else { continue }
        unsafe rd_kafka_conf_destroy(configuration)
        throw KafkaSettingsError(
          result == RD_KAFKA_CONF_UNKNOWN
            ? "librdkafka has no setting '\(name)'"
            : "librdkafka does not take the value of '\(name)'")
      }
      return unsafe configuration
    }
  }

  extension KafkaDestination {
    static let isBuiltIn = true

    package static func examine(_ settings: KafkaSettings) throws(KafkaSettingsError) {
      unsafe rd_kafka_conf_destroy(try LibrdkafkaProducer.configuration(settings))
    }

    static func connect(_ settings: KafkaSettings) throws(KafkaError) -> any KafkaProducer {
      try LibrdkafkaProducer(settings)
    }
  }
#else
  extension KafkaDestination {
    static let isBuiltIn = false

    package static func examine(_ settings: KafkaSettings) throws(KafkaSettingsError) {
      throw KafkaSettingsError(Engine.kafka.missing)
    }

    static func connect(_ settings: KafkaSettings) throws(KafkaError) -> any KafkaProducer {
      throw KafkaError(kind: .fatal, description: Engine.kafka.missing)
    }
  }
#endif
