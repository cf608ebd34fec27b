#if Kafka
  import CKafka
  import Foundation
  import SystemCalls

  /// Reads a topic from its beginning, on a thread of its own, as another program would.
  @safe package final class MockConsumer: Sendable {
    package struct Message: Sendable {
      package let partition: Int
      package let offset: Int
      package let key: String?
      package let value: [UInt8]
      package let headers: [String: String]
    }

    private let state = Monitor<(messages: [Message], isStopping: Bool, hasEnded: Bool)>(
      ([], false, false))

    package init(brokers: String, topic: String, partitions: Int) throws {
      let configuration = unsafe rd_kafka_conf_new()
      for (name, value) in [
        ("bootstrap.servers", brokers), ("group.id", "reader"), ("log_level", "2"),
        ("enable.auto.commit", "false"), ("auto.offset.reset", "earliest"),
        ("reconnect.backoff.max.ms", "200"), ("fetch.wait.max.ms", "20"),
        ("fetch.error.backoff.ms", "50"), ("topic.metadata.refresh.interval.ms", "500"),
      ] {
        unsafe rd_kafka_conf_set(configuration, name, value, nil, 0)
      }
      guard let handle = unsafe rd_kafka_new(RD_KAFKA_CONSUMER, configuration, nil, 0) else {
        throw TestFailure("no consumer")
      }
      unsafe rd_kafka_poll_set_consumer(handle)
      let list = unsafe rd_kafka_topic_partition_list_new(Int32(partitions))
      for partition in 0..<partitions {
        unsafe rd_kafka_topic_partition_list_add(list, topic, Int32(partition)).pointee.offset = 0
      }
      unsafe rd_kafka_assign(handle, list)
      unsafe rd_kafka_topic_partition_list_destroy(list)
      let address = Int(bitPattern: handle)
      Thread.detachNewThread { [self] in
        let handle = unsafe OpaquePointer(bitPattern: address)
        while !state.withLock({ $0.isStopping }) {
          guard let message = unsafe rd_kafka_consumer_poll(handle, 100) else { continue }
          defer { unsafe rd_kafka_message_destroy(message) }
          guard unsafe message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
          let read = unsafe Self.message(message)
          state.withLock { $0.messages.append(read) }
        }
        unsafe rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
        state.withLock { $0.hasEnded = true }
      }
    }

    /// To be called before the cluster goes.
    package func stop() {
      state.withLock { $0.isStopping = true }
      try? eventually("the consumer ends") { state.withLock { $0.hasEnded } }
    }

    package var messages: [Message] { state.withLock { $0.messages } }

    private static func message(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> Message {
      let value = unsafe message.pointee
      var headers: [String: String] = [:]
      var list: OpaquePointer?
      if unsafe rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR {
        var (index, count) = (0, 0)
        var name: UnsafePointer<CChar>?
        var content: UnsafeRawPointer?
        while unsafe rd_kafka_header_get_all(list, index, &name, &content, &count)
          == RD_KAFKA_RESP_ERR_NO_ERROR
        {
          if let name = unsafe name {
            unsafe headers[String(cString: name)] = String(
              decoding: UnsafeRawBufferPointer(start: content, count: count), as: UTF8.self)
          }
          index += 1
        }
      }
      return unsafe Message(
        partition: Int(value.partition), offset: Int(value.offset),
        key: value.key == nil
          ? nil
          : String(
            decoding: UnsafeRawBufferPointer(start: value.key, count: value.key_len),
            as: UTF8.self),
        value: Array(UnsafeRawBufferPointer(start: value.payload, count: value.len)),
        headers: headers)
    }
  }
#endif
