/* How long a sender takes from its start to its first delivery: listens on PORT, starts PROGRAM, and prints the
 * milliseconds from before exec until the first bytes of a request have arrived. Then ends the program by SIGTERM.
 *
 *   first PORT PROGRAM [ARGUMENT…]
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(int count, char **arguments) {
  if (count < 3) return 100;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons((uint16_t)atoi(arguments[1])),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 64) != 0)
    return perror("first: fatal: unable to listen"), 111;

  pid_t child;
  double start = milliseconds(), end = 0;
  if (posix_spawn(&child, arguments[2], NULL, NULL, arguments + 2, environ) != 0) return 111;
  struct pollfd waiting = {.fd = listener, .events = POLLIN};
  if (poll(&waiting, 1, 60000) == 1) {
    int connection = accept(listener, NULL, NULL);
    char bytes[4096];
    if (connection >= 0 && read(connection, bytes, sizeof bytes) > 0) end = milliseconds();
    if (connection >= 0) close(connection);
  }
  /* The rest is refused, so that it ends at once. */
  close(listener);
  kill(child, SIGTERM);
  waitpid(child, NULL, 0);
  if (end == 0) return fputs("first: fatal: nothing was delivered in 60 s\n", stderr), 111;
  printf("%.2f\n", end - start);
  return 0;
}
