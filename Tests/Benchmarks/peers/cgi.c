/* The intake in C, a process for each request: appends standard input to NOTICE_FILE as a line, and says 200 when
 * fdatasync has returned. Of JSON it knows nothing. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

int main(void) {
  const char *declared = getenv("CONTENT_LENGTH"), *path = getenv("NOTICE_FILE");
  size_t length = declared ? strtoul(declared, NULL, 10) : 0, done = 0;
  char *line = malloc(length + 1);
  while (done < length) {
    ssize_t count = read(0, line + done, length - done);
    if (count <= 0) break;
    done += (size_t)count;
  }
  if (length == 0 || done < length) return puts("Status: 400 Bad Request\r\n\r"), 1;
  line[length++] = '\n';
  int file = path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0640) : -1;
  if (file < 0 || flock(file, LOCK_EX) != 0 || write(file, line, length) != (ssize_t)length ||
      fdatasync(file) != 0)
    return puts("Status: 503 Service Unavailable\r\n\r"), 1;
  fputs("Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", stdout);
  return 0;
}
