/* From the 200 to the receiver, on one clock: sends RATE notices a second to INTAKE_PORT for SECONDS, is the receiver
 * on RECEIVER_PORT that the sender delivers to, and says so ("listens"). It begins when the sender has delivered what was
 * in the spool before, one notice at least, and prints p50, p99 and the longest in milliseconds from the moment at
 * which the caller has its 200 to the moment at which the notice arrives, and how many there were. Every notice must be
 * answered 200 and arrive.
 *
 *   latency INTAKE_PORT RECEIVER_PORT RATE SECONDS BODY    BODY: a file with the body, in which %CHAT% is replaced
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 256, BUFFER_BYTES = 1 << 16, DRAIN_SECONDS_MAX = 20 };

static double milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void fail(const char *reason) {
  fprintf(stderr, "latency: fatal: %s\n", reason);
  exit(111);
}

static struct sockaddr_in loopback(const char *port) {
  return (struct sockaddr_in){.sin_family = AF_INET,
                              .sin_port = htons((uint16_t)atoi(port)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static struct {
  char bytes[BUFFER_BYTES + 1];
  size_t count;
} buffers[CONNECTIONS_MAX];
static struct pollfd polled[CONNECTIONS_MAX];
static int polled_count;
static double *answered, *arrived;
static long total, arrivals;
static double start;

static void add(int descriptor) {
  if (descriptor < 0 || polled_count == CONNECTIONS_MAX) fail("no room for a connection");
  int yes = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  buffers[polled_count].count = 0;
  polled[polled_count++] = (struct pollfd){.fd = descriptor, .events = POLLIN};
}

/* Reads what is there; returns the first whole message's length, 0: not whole yet, -1: the end. */
static long receive(int index) {
  char *bytes = buffers[index].bytes;
  ssize_t got =
      read(polled[index].fd, bytes + buffers[index].count, BUFFER_BYTES - buffers[index].count);
  if (got <= 0) return -1;
  buffers[index].count += (size_t)got;
  bytes[buffers[index].count] = 0;
  char *body = strstr(bytes, "\r\n\r\n"), *length = strcasestr(bytes, "\r\nContent-Length:");
  if (!body) return 0;
  if (!length || length > body) fail("a message without a length");
  long whole = body + 4 - bytes + atol(length + 17);
  return (long)buffers[index].count >= whole ? whole : 0;
}

/* The number stands where the chat does; one with letters in it was there before. */
static long number_of(const char *request) {
  const char *chat = strstr(request, "\"chatId\":\"");
  char *end = NULL;
  long number = chat ? strtol(chat + 10, &end, 10) : -1;
  return end == chat + 10 + 24 ? number : -1;
}

static void take_arrival(int index, double now) {
  static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  long number = number_of(buffers[index].bytes);
  if (number >= total) fail("something else was delivered");
  if (number < 0) {
    if (start == 0) start = now;
  } else if (arrived[number] == 0) {
    arrived[number] = now;
    arrivals++;
  }
  if (write(polled[index].fd, answer, sizeof answer - 1) < 0) fail("unable to answer");
  buffers[index].count = 0;
}

static int ascending(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

int main(int count, char **arguments) {
  if (count != 6) return 100;
  long rate = atol(arguments[3]);
  total = (long)((double)rate * atof(arguments[4]));
  answered = calloc((size_t)total, sizeof *answered);
  arrived = calloc((size_t)total, sizeof *arrived);
  char template[BUFFER_BYTES], request[BUFFER_BYTES * 2];
  FILE *file = fopen(arguments[5], "r");
  if (!file) fail("unable to open the body");
  template[fread(template, 1, sizeof template - 1, file)] = 0;
  char *mark = strstr(template, "%CHAT%");
  if (!mark) fail("no %CHAT% in the body");
  *mark = 0;
  size_t length = strlen(template) + 24 + strlen(mark + 6);

  int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  struct sockaddr_in address = loopback(arguments[2]);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 64) != 0)
    fail("unable to listen");
  add(listener);
  int client = socket(AF_INET, SOCK_STREAM, 0);
  address = loopback(arguments[1]);
  if (connect(client, (struct sockaddr *)&address, sizeof address) != 0) fail("unable to connect");
  add(client);

  puts("listens");
  fflush(stdout);
  long sent = 0, answers = 0;
  double began = milliseconds();
  while (answers < total || arrivals < total) {
    double now = milliseconds();
    double due = start + (double)sent * 1000 / (double)rate;
    int may_send = start > 0 && sent < total && sent == answers;
    if (may_send && now >= due) {
      int bytes = snprintf(request, sizeof request,
                           "POST /notice HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                           "application/json\r\nContent-Length: %zu\r\n\r\n%s%024ld%s",
                           length, template, sent, mark + 6);
      if (write(client, request, (size_t)bytes) != bytes) fail("unable to send");
      sent++;
      continue;
    }
    if (now > began + (double)total * 1000 / (double)rate + DRAIN_SECONDS_MAX * 1000)
      fail("not everything has arrived");
    double wait = may_send ? due - now : 100;
    struct timespec timeout = {.tv_sec = (time_t)(wait / 1000),
                               .tv_nsec = (long)(wait * 1e6) % 1000000000};
    ppoll(polled, (nfds_t)polled_count, &timeout, NULL);
    now = milliseconds();
    for (int index = polled_count - 1; index >= 0; index--) {
      if (!polled[index].revents) continue;
      if (index == 0) {
        add(accept(listener, NULL, NULL));
        continue;
      }
      long whole = receive(index);
      if (index == 1) {
        if (whole < 0) fail("the intake has hung up");
        if (whole == 0) continue;
        if (strncmp(buffers[1].bytes, "HTTP/1.1 200", 12) != 0) fail("not answered 200");
        buffers[1].count = 0;
        answered[answers++] = now;
      } else if (whole > 0) {
        take_arrival(index, now);
      } else if (whole < 0) {
        close(polled[index].fd);
        polled_count--;
        polled[index] = polled[polled_count];
        buffers[index] = buffers[polled_count];
      }
    }
  }
  for (long number = 0; number < total; number++) arrived[number] -= answered[number];
  qsort(arrived, (size_t)total, sizeof *arrived, ascending);
  printf("%.3f %.3f %.3f %ld\n", arrived[total / 2], arrived[total * 99 / 100], arrived[total - 1],
         total);
  return 0;
}
