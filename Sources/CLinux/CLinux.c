#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>

int clinux_accept4(int socket, int flags) { return accept4(socket, 0, 0, flags); }

int clinux_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

_Static_assert(clinux_readable == EPOLLIN && clinux_writable == EPOLLOUT, "as epoll has them");
_Static_assert(clinux_readable == POLLIN && clinux_writable == POLLOUT, "as poll has them");

int clinux_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int control(int epoll, int what, int descriptor, unsigned events, unsigned long number) {
  struct epoll_event event = {.events = events | EPOLLONESHOT, .data.u64 = number};
  return epoll_ctl(epoll, what, descriptor, &event);
}

int clinux_epoll_add(int epoll, int descriptor, unsigned events, unsigned long number) {
  return control(epoll, EPOLL_CTL_ADD, descriptor, events, number);
}

int clinux_epoll_arm(int epoll, int descriptor, unsigned events, unsigned long number) {
  return control(epoll, EPOLL_CTL_MOD, descriptor, events, number);
}

int clinux_epoll_remove(int epoll, int descriptor) { return control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0); }

int clinux_epoll_wait(int epoll, unsigned long *number) {
  struct epoll_event event;
  int count = epoll_wait(epoll, &event, 1, -1);
  if (count == 1) *number = event.data.u64;
  return count;
}

int clinux_fallocate_keep_size(int descriptor, long offset, long length) {
  return fallocate(descriptor, FALLOC_FL_KEEP_SIZE, offset, length);
}

int clinux_stat_without_times(const char *path, struct clinux_status *status) {
  struct statx file;
  if (statx(AT_FDCWD, path, 0, STATX_BASIC_STATS & ~(STATX_ATIME | STATX_MTIME | STATX_CTIME), &file) != 0)
    return -1;
  *status = (struct clinux_status){
      .inode = file.stx_ino,
      .size = (long)file.stx_size,
      .blocks = (long)file.stx_blocks,
      .links = file.stx_nlink,
      .mode = file.stx_mode,
  };
  return 0;
}

void clinux_limit_arenas(int count) { mallopt(M_ARENA_MAX, count); }

int clinux_random(unsigned long *value) {
  // A thread fetches many at a time: a call costs as much as to write a record's line. None is given out twice.
  static _Thread_local unsigned long fetched[32];
  static _Thread_local int left;
  if (left == 0) {
    // getrandom(2): up to 256 bytes are never cut short.
    if (getrandom(fetched, sizeof fetched, 0) != sizeof fetched) return -1;
    left = sizeof fetched / sizeof *fetched;
  }
  *value = fetched[--left];
  return 0;
}

void clinux_name_thread(unsigned long thread, const char *name) {
  char limited[16];  // pthread_setname_np(3): 16 bytes with the NUL
  strncpy(limited, name, sizeof limited - 1);
  limited[sizeof limited - 1] = 0;
  pthread_setname_np(thread, limited);
}
