#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast that Swift cannot import: SQLite makes a copy of the text.
static inline int sqlite3_bind_text_copy(
    sqlite3_stmt *statement, int place, const char *text, sqlite3_uint64 bytes) {
  return sqlite3_bind_text64(statement, place, text, bytes, SQLITE_TRANSIENT, SQLITE_UTF8);
}
