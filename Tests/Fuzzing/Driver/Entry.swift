import FuzzTargets
import Glibc

/// The target that this process fuzzes, by the environment's `FUZZ_TARGET`.
private let target: FuzzTarget = {
  let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
  guard let target = FuzzTarget(rawValue: name) else {
    fatalError("FUZZ_TARGET must be one of \(FuzzTarget.allCases.map(\.rawValue))")
  }
  return target
}()

/// Called by libFuzzer (by way of main/fuzz.c) with each input.
@_cdecl("notice_fuzz_one")
public func fuzzOne(_ bytes: UnsafePointer<UInt8>?, _ count: Int) {
  let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
  if let fault = target.fault(input) { fatalError("\(target.rawValue): not kept: \(fault)") }
}
