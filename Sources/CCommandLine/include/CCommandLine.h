// The arguments of the process, for Swift's `CommandLine`, which calls these functions of its own runtime for them.
//
// The runtime's own search /proc/self/maps for the stack, before main and whether somebody asks or not: a fifth of what a CGI
// process takes besides its sync. The C library hands the arguments to every constructor. These are weak: in a runtime that
// has others of these names in use, or none, they step back.
#ifndef CCOMMANDLINE_H
#define CCOMMANDLINE_H

char **_swift_stdlib_getUnsafeArgvArgc(int *count);
void _swift_stdlib_overrideUnsafeArgvArgc(char **arguments, int count);

#endif
