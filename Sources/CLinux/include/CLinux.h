// The calls that Swift's Glibc module does not show, each under the name of its man page.
#ifndef CLINUX_H
#define CLINUX_H

int clinux_accept4(int socket, int flags);
int clinux_eventfd(void);
int clinux_fallocate_keep_size(int descriptor, long offset, long length);
void clinux_name_thread(unsigned long thread, const char *name);

/* What stat(2) tells of a file besides its times. */
struct clinux_status {
  unsigned long inode;
  long size, blocks;
  unsigned links, mode;
};
/* Follows symbolic links. By statx(2), which can leave the times alone: since Linux 6.13 the write that follows a look at
 * them gives the file new ones, exact to the nanosecond, and the next sync has to write those as well. */
int clinux_stat_without_times(const char *path, struct clinux_status *status);

/* epoll(7). A descriptor is reported once, to one of the threads that wait, and not again before it is armed anew. */
enum { clinux_readable = 1, clinux_writable = 4 };
int clinux_epoll(void);
int clinux_epoll_add(int epoll, int descriptor, unsigned events, unsigned long number);
int clinux_epoll_arm(int epoll, int descriptor, unsigned events, unsigned long number);
int clinux_epoll_remove(int epoll, int descriptor);
/* Waits for one of them to be as it was armed for, or at its end. */
int clinux_epoll_wait(int epoll, unsigned long *number);

/* How many arenas malloc(3) has at most: mallopt(3). */
void clinux_limit_arenas(int count);

/* 64 random bits of getrandom(2); 0, or -1 with errno. */
int clinux_random(unsigned long *value);

#endif
