import Glibc
import SystemCalls

/// A second descriptor of what this process has open on `path`, as a child has it between fork and exec: each destination that
/// is a command forks.
package func duplicateDescriptor(of path: String) throws -> Int32 {
  let system = LinuxSystemCalls()
  let open = try system.list("/proc/self/fd")
    .first { (try? system.readlink("/proc/self/fd/\($0)")) == path }
  guard let open, let descriptor = Int32(open) else { throw TestFailure("\(path) is not open") }
  return dup(descriptor)
}
