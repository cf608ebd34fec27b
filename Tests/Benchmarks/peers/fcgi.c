/* The intake in C: libfcgi, 64 threads, one file. A 200 means that fdatasync of the body has returned; threads that
 * wait share one write and one sync (group commit). Of JSON it knows nothing.
 *
 *   fcgi SOCKET FILE
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcgiapp.h>

enum { THREADS = 64, BODY_BYTES_MAX = 1 << 20 };

struct batch {
  char *bytes;
  size_t count, capacity;
};

static int listener, file;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* For the threads of the batches with an even and with an odd number. */
static pthread_cond_t changed[2] = {PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER};
/* What is collected, and what its leader writes meanwhile. */
static struct batch collecting, writing;
static unsigned long batch_number, batch_done;
static int is_led, has_failed;

static int write_and_sync(const struct batch *batch) {
  for (size_t done = 0; done < batch->count;) {
    ssize_t count = write(file, batch->bytes + done, batch->count - done);
    if (count < 0) return -1;
    done += (size_t)count;
  }
  return fdatasync(file);
}

/* Returns when the line is on the disk; -1: it may not be. */
static int append(const char *line, size_t count) {
  pthread_mutex_lock(&lock);
  if (collecting.count + count > collecting.capacity) {
    collecting.capacity = 2 * (collecting.count + count);
    collecting.bytes = realloc(collecting.bytes, collecting.capacity);
  }
  memcpy(collecting.bytes + collecting.count, line, count);
  collecting.count += count;
  unsigned long mine = batch_number;
  while (batch_done <= mine && is_led) 
    pthread_cond_wait(&changed[mine & 1], &lock);
  if (batch_done <= mine) {
    is_led = 1;
    struct batch swapped = writing;
    writing = collecting;
    collecting = swapped;
    collecting.count = 0;
    batch_number++;
    pthread_mutex_unlock(&lock);
    int result = write_and_sync(&writing);
    pthread_mutex_lock(&lock);
    /* A failed sync says nothing of what came before: no 200 from here on. */
    if (result != 0) has_failed = 1;
    batch_done = mine + 1;
    is_led = 0;
    pthread_cond_broadcast(&changed[mine & 1]);
    /* One of the next batch leads it. */
    pthread_cond_signal(&changed[(mine + 1) & 1]);
  }
  int result = has_failed ? -1 : 0;
  pthread_mutex_unlock(&lock);
  return result;
}

static void answer(FCGX_Request *request, char *body) {
  const char *declared = FCGX_GetParam("CONTENT_LENGTH", request->envp);
  long length = declared ? strtol(declared, NULL, 10) : 0;
  if (length <= 0 || length > BODY_BYTES_MAX ||
      FCGX_GetStr(body, (int)length, request->in) != length) {
    FCGX_FPrintF(request->out, "Status: 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  body[length] = '\n';
  if (append(body, (size_t)length + 1) != 0) {
    FCGX_FPrintF(request->out, "Status: 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  FCGX_FPrintF(
      request->out,
      "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
}

static void *work(void *unused) {
  (void)unused;
  char *body = malloc(BODY_BYTES_MAX + 1);
  FCGX_Request request;
  FCGX_InitRequest(&request, listener, 0);
  while (FCGX_Accept_r(&request) == 0) {
    answer(&request, body);
    FCGX_Finish_r(&request);
  }
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 3) return 100;
  FCGX_Init();
  listener = FCGX_OpenSocket(arguments[1], 4096);
  file = open(arguments[2], O_WRONLY | O_CREAT | O_APPEND, 0640);
  if (listener < 0 || file < 0) return 111;
  chmod(arguments[1], 0660);
  pthread_t threads[THREADS];
  for (int index = 0; index < THREADS; index++)
    if (pthread_create(&threads[index], NULL, work, NULL) != 0) return 111;
  for (int index = 0; index < THREADS; index++) pthread_join(threads[index], NULL);
  return 0;
}
