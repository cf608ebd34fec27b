#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

// rd_kafka_producev takes a list that Swift cannot write. librdkafka makes copies of all that it is given but the value, which
// has to stay where it is until the message is reported. A key or a type that is NULL is left out. `timestamp`: milliseconds
// since 1970.
static inline rd_kafka_resp_err_t rd_kafka_produce_notice(
    rd_kafka_t *producer, rd_kafka_topic_t *topic, const void *key, size_t keyBytes, const void *value,
    size_t valueBytes, const void *id, size_t idBytes, const void *type, size_t typeBytes,
    int64_t timestamp, void *opaque) {
  rd_kafka_headers_t *headers = rd_kafka_headers_new(2);
  rd_kafka_header_add(headers, "id", 2, id, (ssize_t)idBytes);
  if (type) rd_kafka_header_add(headers, "type", 4, type, (ssize_t)typeBytes);
  rd_kafka_resp_err_t error = rd_kafka_producev(
      producer, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_KEY(key, keyBytes),
      RD_KAFKA_V_VALUE((void *)value, valueBytes), RD_KAFKA_V_HEADERS(headers),
      RD_KAFKA_V_TIMESTAMP(timestamp), RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
  // Only of a message that was taken do they belong to the library.
  if (error) rd_kafka_headers_destroy(headers);
  return error;
}
