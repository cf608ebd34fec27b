#include "CCommandLine.h"

static char **arguments;
static int count;

__attribute__((constructor)) static void receive(int given_count, char **given) {
  arguments = given;
  count = given_count;
}

__attribute__((weak)) char **_swift_stdlib_getUnsafeArgvArgc(int *result) {
  *result = count;
  return arguments;
}

__attribute__((weak)) void _swift_stdlib_overrideUnsafeArgvArgc(char **given, int given_count) {
  receive(given_count, given);
}
