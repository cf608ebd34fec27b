/* Fills a new spool quickly: COUNT records of CHATS chats in segments of 64 MiB, each line with its checksum, each with
 * the id of its own that a reader wants. Prints the bytes written.
 *
 *   segments SPOOL COUNT CHATS BODY|-    BODY: a file with the body, in which %CHAT% is replaced; -: a small one
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SEGMENT_BYTES = 64 << 20, LINE_BYTES_MAX = 1 << 20 };

static uint32_t tables[8][256];

static void make_tables(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
    tables[0][byte] = crc;
  }
  for (int table = 1; table < 8; table++)
    for (int byte = 0; byte < 256; byte++) {
      uint32_t before = tables[table - 1][byte];
      tables[table][byte] = tables[0][before & 255] ^ before >> 8;
    }
}

static uint32_t crc32c(const unsigned char *bytes, size_t count) {
  uint32_t crc = 0xFFFFFFFF;
  for (; count >= 8; count -= 8, bytes += 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    word ^= crc;
    crc = 0;
    for (int step = 0; step < 8; step++) crc ^= tables[7 - step][word >> 8 * step & 255];
  }
  while (count-- > 0) crc = tables[0][(crc ^ *bytes++) & 255] ^ crc >> 8;
  return ~crc;
}

static char segment[64];

static FILE *begin_segment(int number) {
  snprintf(segment, sizeof segment, "segments/%06d-20261122T064832Z.ndjson", number);
  FILE *file = fopen(segment, "w");
  if (!file) perror(segment), exit(111);
  setvbuf(file, NULL, _IOFBF, 1 << 20);
  return file;
}

int main(int count, char **arguments) {
  if (count != 5) return 100;
  long records = atol(arguments[2]), chats = atol(arguments[3]), written = 0, in_segment = 0;
  char before[65536] = "{\"data\":{\"messageId\":\"1\",\"chatId\":\"", *after = "\"}}";
  if (strcmp(arguments[4], "-") != 0) {
    FILE *file = fopen(arguments[4], "r");
    if (!file) return 111;
    before[fread(before, 1, sizeof before - 1, file)] = 0;
    before[strcspn(before, "\n")] = 0;
    char *mark = strstr(before, "%CHAT%");
    if (!mark) return 111;
    *mark = 0;
    after = mark + 6;
  }
  mkdir(arguments[1], 0750);
  if (chdir(arguments[1]) != 0 || mkdir("segments", 0750) != 0) return 111;
  make_tables();

  long now = time(NULL) * 1000L;
  int number = 1;
  FILE *file = begin_segment(number);
  static char line[LINE_BYTES_MAX];
  for (long record = 0; record < records; record++) {
    int length = snprintf(
        line, sizeof line,
        "{\"id\":\"%08lx-%04lx-7000-8000-%012lx\",\"receivedAt\":\"2026-11-22T06:48:32.123Z\","
        "\"remote\":\"203.0.113.7\",\"method\":\"GET\",\"path\":\"/notice\",\"kind\":\"message\","
        "\"body\":%s%024lx%s",
        now >> 16, now & 0xFFFF, record, before, record % chats, after);
    uint32_t checksum = crc32c((unsigned char *)line, (size_t)length);
    length += snprintf(line + length, 32, ",\"crc32c\":\"%08x\"}\n", checksum);
    if (in_segment + length > SEGMENT_BYTES) {
      if (fclose(file) != 0) return 111;
      file = begin_segment(++number);
      in_segment = 0;
    }
    if (fwrite(line, 1, (size_t)length, file) != (size_t)length) return 111;
    in_segment += length;
    written += length;
  }
  if (fclose(file) != 0 || symlink(segment, "current.ndjson") != 0) return 111;
  sync();
  printf("%ld\n", written);
  return 0;
}
