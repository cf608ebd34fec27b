/* Delivery in C: posts each line of a file to a URL by libcurl's multi interface, 32 in flight, on one thread, and keeps
 * no account of anything. The requests are the same as notice-sender's, with the line's id and the time in their
 * headers. Prints how many were answered 200; anything else is a failure.
 *
 *   post URL FILE
 */
#include <curl/curl.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

enum { IN_FLIGHT = 32 };

static size_t ignore(char *bytes, size_t size, size_t count, void *unused) {
  (void)bytes, (void)unused;
  return size * count;
}

static const char *next, *end;

/* A handle's headers; the id and the time are written into their lines. */
struct request {
  struct curl_slist *headers;
  char *id, *time;
};

static char *add(struct request *request, const char *line) {
  request->headers = curl_slist_append(request->headers, line);
  struct curl_slist *last = request->headers;
  while (last->next) last = last->next;
  return strchr(last->data, ' ') + 1;
}

static int begin(CURLM *multi, CURL *handle) {
  const char *newline = next < end ? memchr(next, '\n', (size_t)(end - next)) : NULL;
  if (!newline) return 0;
  struct request *request;
  curl_easy_getinfo(handle, CURLINFO_PRIVATE, &request);
  memcpy(request->id, next + strlen("{\"id\":\""), 36);
  char digits[21];
  snprintf(digits, sizeof digits, "%010ld", (long)time(NULL));
  memcpy(request->time, digits, 10);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(newline - next));
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, next);
  next = newline + 1;
  return curl_multi_add_handle(multi, handle) == CURLM_OK;
}

int main(int count, char **arguments) {
  if (count != 3) return 100;
  int file = open(arguments[2], O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) return 111;
  next = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
  if (next == MAP_FAILED) return 111;
  end = next + status.st_size;

  curl_global_init(CURL_GLOBAL_ALL);
  CURLM *multi = curl_multi_init();
  static struct request requests[IN_FLIGHT];
  int running = 0;
  for (int index = 0; index < IN_FLIGHT; index++) {
    CURL *handle = curl_easy_init();
    curl_easy_setopt(handle, CURLOPT_URL, arguments[1]);
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    struct request *request = &requests[index];
    request->id = add(request, "webhook-id: 00000000-0000-0000-0000-000000000000");
    request->time = add(request, "webhook-timestamp: 0000000000");
    add(request, "Content-Type: application/json");
    add(request, "User-Agent: notice-sender/0.1.0");
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, request->headers);
    curl_easy_setopt(handle, CURLOPT_PRIVATE, request);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, ignore);
    running += begin(multi, handle);
  }
  long answered = 0, failed = 0;
  while (running > 0) {
    int active, left;
    curl_multi_perform(multi, &active);
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
      CURL *handle = message->easy_handle;
      long code = 0;
      curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &code);
      if (message->data.result == CURLE_OK && code == 200) answered++;
      else failed++;
      curl_multi_remove_handle(multi, handle);
      running += begin(multi, handle) - 1;
    }
    if (running > 0) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  printf("%ld\n", answered);
  return failed == 0 ? 0 : 1;
}
