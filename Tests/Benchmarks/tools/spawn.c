/* What a process for each request costs: starts PROGRAM COUNT times, one after the other, with BODY as standard input and
 * /dev/null as standard output, and prints the median of the wall times from before vfork to after wait, in microseconds.
 * A program that does not end with 0 is an error. The environment is passed on.
 *
 *   spawn COUNT BODY PROGRAM [ARGUMENT…]
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int ascending(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

int main(int count, char **arguments) {
  if (count < 4) return 100;
  int runs = atoi(arguments[1]);
  double *times = calloc((size_t)runs, sizeof *times);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, arguments[2], O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  for (int run = 0; run < runs; run++) {
    pid_t child;
    int status;
    double start = microseconds();
    if (posix_spawn(&child, arguments[3], &actions, NULL, arguments + 3, environ) != 0 ||
        waitpid(child, &status, 0) != child || status != 0) {
      fprintf(stderr, "spawn: fatal: %s failed\n", arguments[3]);
      return 111;
    }
    times[run] = microseconds() - start;
  }
  qsort(times, (size_t)runs, sizeof *times, ascending);
  printf("%.1f\n", times[runs / 2]);
  return 0;
}
