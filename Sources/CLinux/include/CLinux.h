// The calls that Swift's Glibc module does not show, each under the name of its man page.
#ifndef CLINUX_H
#define CLINUX_H

int clinux_accept4(int socket, int flags);
int clinux_eventfd(void);
int clinux_fallocate_keep_size(int descriptor, long offset, long length);
void clinux_name_thread(unsigned long thread, const char *name);
long clinux_getrandom(void *buffer, unsigned long length);

#endif
