#define _GNU_SOURCE
#include "CTrace.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Where a call's path or descriptor is among its arguments.
typedef struct {
  long number;
  const char *name;
  int argument;
  int isPath;
} call_form;

static const call_form forms[] = {
    {SYS_openat, "open", 1, 1},         {SYS_write, "write", 0, 0},
    {SYS_pwrite64, "write", 0, 0},      {SYS_writev, "write", 0, 0},
    {SYS_sendto, "send", 0, 0},         {SYS_sendmsg, "send", 0, 0},
    {SYS_fsync, "fsync", 0, 0},         {SYS_fdatasync, "fdatasync", 0, 0},
    {SYS_ftruncate, "ftruncate", 0, 0}, {SYS_fallocate, "fallocate", 0, 0},
    {SYS_unlinkat, "unlink", 1, 1},     {SYS_renameat, "rename", 3, 1},
    {SYS_renameat2, "rename", 3, 1},    {SYS_symlinkat, "symlink", 2, 1},
    {SYS_mkdirat, "mkdir", 1, 1},       {SYS_fchmod, "chmod", 0, 0},
#ifdef SYS_open
    {SYS_open, "open", 0, 1},           {SYS_unlink, "unlink", 0, 1},
    {SYS_rename, "rename", 1, 1},       {SYS_symlink, "symlink", 1, 1},
    {SYS_mkdir, "mkdir", 0, 1},
#endif
};

int ctrace_start(
    const char *path, char *const *arguments, char *const *environment, int input, int output) {
  int process = fork();
  if (process != 0) return process;
  // Only calls that are safe here: other threads of the parent may have held any lock.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setpgid(0, 0);
  if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) _exit(127);
  if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0) _exit(126);
  execve(path, arguments, environment);
  _exit(127);
}

int ctrace_wait(int *status) { return waitpid(-1, status, __WALL | __WNOTHREAD); }

int ctrace_set_up(int thread) {
  long options = PTRACE_O_TRACECLONE | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
  return (int)ptrace(PTRACE_SETOPTIONS, thread, 0, options);
}

int ctrace_resume(int thread, int signal) {
  return (int)ptrace(PTRACE_SYSCALL, thread, 0, (long)signal);
}

static int opens_for_change(unsigned long flags) { return (flags & (O_CREAT | O_TRUNC)) != 0; }

int ctrace_entered(int thread, ctrace_call *call) {
  struct __ptrace_syscall_info info;
  call->name = NULL;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) < 0) return -1;
  if (info.op != PTRACE_SYSCALL_INFO_ENTRY) return 0;
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    const call_form *form = &forms[i];
    if ((long)info.entry.nr != form->number) continue;
    const __UINT64_TYPE__ *arguments = (const __UINT64_TYPE__ *)info.entry.args;
    if (form->name[0] == 'o' && !opens_for_change(arguments[form->argument + 1])) return 0;
    call->name = form->name;
    call->descriptor = form->isPath ? -1 : (int)arguments[form->argument];
    call->path = form->isPath ? arguments[form->argument] : 0;
    return 0;
  }
  return 0;
}
