// swift-tools-version: 6.2
import PackageDescription

// The program that Tests/fuzz.sh builds: the modules that meet bytes from elsewhere, with libFuzzer's instruments, and the targets
// of ../FuzzTests. It is a package of its own so that nothing of it is built with the programs.
let package = Package(
  name: "fuzzing",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CFastCGI", path: "Sources/CFastCGI", pkgConfig: "fcgi"),
    .systemLibrary(name: "CCurl", path: "Sources/CCurl", pkgConfig: "libcurl"),
    .systemLibrary(name: "CSQLite", path: "Sources/CSQLite", pkgConfig: "sqlite3"),
    .systemLibrary(name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib"),
    .target(name: "CProcessor", path: "Sources/CProcessor"),
    .target(name: "CLinux", path: "Sources/CLinux"),
    .target(name: "Gzip", dependencies: ["CZlib"], path: "Sources/Gzip"),

    .target(name: "SystemCalls", dependencies: ["CLinux"], path: "Sources/SystemCalls"),
    .target(name: "JSONText", dependencies: ["CProcessor"], path: "Sources/JSONText"),
    .target(name: "Notice", dependencies: ["CProcessor", "JSONText"], path: "Sources/Notice"),
    .target(
      name: "Spool", dependencies: ["Gzip", "Notice", "SystemCalls"], path: "Sources/Spool"),
    .target(
      name: "FastCGI", dependencies: ["CFastCGI", "CLinux", "SystemCalls"], path: "Sources/FastCGI"
    ),
    // Without their entry points: libFuzzer has its own.
    .target(
      name: "NoticeHandler", dependencies: ["FastCGI", "Spool"], path: "Sources/NoticeHandler",
      exclude: ["NoticeHandler.swift", "startup.order"]),
    .target(name: "Delivery", path: "Sources/Delivery"),
    .target(
      name: "Destinations",
      dependencies: [
        "CCurl", "CSQLite", "Delivery", "Gzip", "JSONText", "Notice", "SystemCalls",
        .product(name: "Crypto", package: "swift-crypto"),
      ], path: "Sources/Destinations"),
    .target(
      name: "NoticeSender",
      dependencies: [
        "Delivery", "Destinations", "Spool",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
        "Yams",
      ], path: "Sources/NoticeSender", exclude: ["Commands/NoticeSender.swift"]),

    .target(
      name: "FuzzTargets",
      dependencies: [
        "Gzip", "JSONText", "Notice", "Spool", "SystemCalls", "FastCGI", "NoticeHandler",
        "Delivery",
        "Destinations", "NoticeSender", .product(name: "Logging", package: "swift-log"),
      ], path: "Targets"),
    .target(
      name: "Entry", dependencies: ["FuzzTargets"], path: "Driver", exclude: ["main"],
      sources: ["Entry.swift"]),
    .executableTarget(
      name: "fuzz", dependencies: ["Entry"], path: "Driver/main",
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]),
  ]
)

let own = [
  "Gzip", "JSONText", "Notice", "Spool", "FastCGI", "NoticeHandler", "Destinations", "NoticeSender",
]
for target in package.targets where target.type == .regular && !target.name.hasPrefix("C") {
  target.swiftSettings = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    // The targets look at what is internal, in a build that is optimized.
    .unsafeFlags(["-enable-testing"]),
  ]
  if own.contains(target.name) {
    target.swiftSettings?.append(.unsafeFlags(["-sanitize=fuzzer"]))
  }
}
