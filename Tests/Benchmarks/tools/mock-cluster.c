/* A Kafka cluster of one broker, librdkafka's own mock, with the topic `notices`: prints where it listens and stays until
 * it is ended.
 *
 *   mock-cluster PARTITIONS
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count != 2) return 100;
  rd_kafka_t *handle = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), NULL, 0);
  rd_kafka_mock_cluster_t *cluster = handle ? rd_kafka_mock_cluster_new(handle, 1) : NULL;
  if (!cluster || rd_kafka_mock_topic_create(cluster, "notices", atoi(arguments[1]), 1)) return 111;
  printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
  fflush(stdout);
  for (;;) pause();
}
