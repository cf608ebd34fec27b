#pragma once

// What ptrace(2) and fork(2) do that Swift cannot: starts a program under trace, and tells what a thread that is stopped is
// about to do. Used by one thread for all that it started.

/// Starts a program that stops before its first instruction; returns its process, or -1 with errno. The descriptors become its
/// standard input, and its output and errors.
int ctrace_start(
    const char *path, char *const *arguments, char *const *environment, int input, int output);

/// Waits for the next thread to stop or end, of what this thread started; returns the thread, or -1.
int ctrace_wait(int *status);

/// Makes threads to come stop as well, and system calls told from signals; the program ends with this thread.
int ctrace_set_up(int thread);

/// Lets a thread run on to the begin or end of its next system call.
int ctrace_resume(int thread, int signal);

typedef struct {
  /// Of a call that may change a file or tell another process something; NULL: of none, or the thread is at a call's end.
  const char *name;
  /// The call's descriptor, or -1 where it has a path.
  int descriptor;
  /// Where the path lies in the program's memory.
  unsigned long path;
} ctrace_call;

int ctrace_entered(int thread, ctrace_call *call);
