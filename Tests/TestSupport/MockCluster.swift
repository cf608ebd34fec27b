#if Kafka
  import CKafka
  import Foundation

  /// librdkafka's own mock of a Kafka cluster: brokers in this process, reached by TCP as real ones are.
  ///
  /// It keeps a partition's last five megabytes: ``MockConsumer`` reads along.
  @safe package final class MockCluster {
    private let handle: OpaquePointer
    private let cluster: OpaquePointer
    private let brokerCount: Int

    package let topic = "notices"
    package let partitionCount: Int

    package init(brokers: Int = 3, partitions: Int = 4) throws {
      guard let configuration = unsafe rd_kafka_conf_new() else { throw TestFailure("no settings") }
      unsafe rd_kafka_conf_set(configuration, "log_level", "3", nil, 0)
      guard
        let handle = unsafe rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0),
        let cluster = unsafe rd_kafka_mock_cluster_new(handle, Int32(brokers))
      else { throw TestFailure("no mock cluster") }
      unsafe self.handle = unsafe handle
      unsafe self.cluster = unsafe cluster
      brokerCount = brokers
      partitionCount = partitions
      let made = unsafe rd_kafka_mock_topic_create(
        cluster, topic, Int32(partitions), Int32(min(brokers, 3)))
      guard made == RD_KAFKA_RESP_ERR_NO_ERROR else { throw TestFailure("no topic") }
    }

    deinit {
      unsafe rd_kafka_mock_cluster_destroy(cluster)
      unsafe rd_kafka_destroy(handle)
    }

    /// "127.0.0.1:4001,127.0.0.1:4002"
    package var brokers: String {
      unsafe String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
    }

    package enum Fault {
      case notEnoughReplicas, notLeader, invalidRecord, tooLarge, timedOut, staleProducer
      case connectionLost, outOfOrder, notAuthorized

      fileprivate var code: rd_kafka_resp_err_t {
        switch self {
        case .notEnoughReplicas: RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS
        case .notLeader: RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION
        case .invalidRecord: RD_KAFKA_RESP_ERR_INVALID_RECORD
        case .tooLarge: RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE
        case .timedOut: RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT
        case .staleProducer: RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH
        case .connectionLost: RD_KAFKA_RESP_ERR__TRANSPORT
        case .outOfOrder: RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER
        case .notAuthorized: RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
        }
      }
    }

    /// The next Produce requests are answered so.
    package func failProduce(_ faults: [Fault]) {
      let codes = faults.map(\.code)
      // 0 is Produce in Kafka's protocol.
      unsafe rd_kafka_mock_push_request_errors_array(cluster, 0, codes.count, codes)
    }

    package func healProduce() { unsafe rd_kafka_mock_clear_request_errors(cluster, 0) }

    /// The topic's partitions get leaders, each the broker after its last one.
    package func moveLeaders(_ turn: Int) {
      for partition in 0..<partitionCount {
        unsafe rd_kafka_mock_partition_set_leader(
          cluster, topic, Int32(partition), Int32((partition + turn) % brokerCount + 1))
      }
    }

    /// Brokers are numbered from 1.
    package func setBroker(_ number: Int, isUp: Bool) {
      if isUp {
        unsafe rd_kafka_mock_broker_set_up(cluster, Int32(number))
      } else {
        unsafe rd_kafka_mock_broker_set_down(cluster, Int32(number))
      }
    }

    package func setCluster(isUp: Bool) {
      for number in 1...brokerCount { setBroker(number, isUp: isUp) }
    }

    /// Every request takes that long.
    package func setRoundTrip(milliseconds: Int) {
      for number in 1...brokerCount {
        unsafe rd_kafka_mock_broker_set_rtt(cluster, Int32(number), Int32(milliseconds))
      }
    }
  }
#else
  /// There is no mock of what the program was built without.
  package final class MockCluster {
    package init() throws { throw TestFailure("built without the trait Kafka") }
  }
#endif
