// swift-tools-version: 6.2
import PackageDescription

/// What a CGI process calls, which so lies together in the program: what is spread over it costs a page fault each.
let startupOrder = "\(Context.packageDirectory)/Sources/NoticeHandler/startup.order"

let package = Package(
  name: "notice",
  products: [
    .executable(name: "notice-handler", targets: ["NoticeHandler"]),
    .executable(name: "notice-sender", targets: ["NoticeSender"]),
  ],
  traits: [
    .trait(name: "PostgreSQL", description: "Delivers to PostgreSQL (libpq-dev)"),
    .trait(name: "Kafka", description: "Delivers to Kafka (librdkafka-dev)"),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C libraries from the system, and the calls that Swift's Glibc module does not show.
    .systemLibrary(name: "CFastCGI", pkgConfig: "fcgi", providers: [.apt(["libfcgi-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CLinux"),
    // Instructions of the processor that Swift has no words for.
    .target(name: "CProcessor"),
    // The arguments as they are handed over; Swift's own way to them takes long.
    .target(name: "CCommandLine"),

    // What both programs stand on.
    .target(name: "SystemCalls", dependencies: ["CLinux"]),
    .target(name: "JSONText", dependencies: ["CProcessor"]),
    .target(name: "Gzip", dependencies: ["CZlib"]),
    .target(name: "Notice", dependencies: ["CProcessor", "JSONText"]),
    .target(name: "Spool", dependencies: ["Gzip", "Notice", "SystemCalls"]),

    // Intake. One static file without Foundation: it starts in about a millisecond and runs on any
    // Linux host of its architecture.
    .target(name: "FastCGI", dependencies: ["CFastCGI", "CLinux", "SystemCalls"]),
    .executableTarget(
      name: "NoticeHandler",
      dependencies: ["CCommandLine", "FastCGI", "Spool"],
      exclude: ["startup.order"],
      linkerSettings: [
        .unsafeFlags(
          [
            "-static-executable", "-use-ld=lld", "-Xlinker", "--strip-debug",
            "-Xlinker", "--symbol-ordering-file=\(startupOrder)", "-Xlinker",
            "--no-warn-symbol-ordering",
          ], .when(configuration: .release))
      ]),

    // Delivery.
    .target(name: "Delivery"),
    .target(
      name: "Destinations",
      dependencies: [
        "CCurl", "CSQLite", "Delivery", "Gzip", "JSONText", "Notice", "SystemCalls",
        .product(name: "Crypto", package: "swift-crypto"),
        .target(name: "CPostgreSQL", condition: .when(traits: ["PostgreSQL"])),
        .target(name: "CKafka", condition: .when(traits: ["Kafka"])),
      ]),
    .executableTarget(
      name: "NoticeSender",
      dependencies: [
        "Delivery", "Destinations", "Spool",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
        "Yams",
      ]),

    // What Tests/bench.sh measures the scanner with.
    .executableTarget(
      name: "JSONBenchmark", dependencies: ["JSONText", "Notice"],
      path: "Tests/Benchmarks/JSONBenchmark"),

    // How the tests run a program under trace.
    .target(name: "CTrace", path: "Tests/CTrace"),
    .target(
      name: "TestSupport",
      dependencies: [
        "CLinux", "CTrace", "Delivery", "SystemCalls",
        .target(name: "CKafka", condition: .when(traits: ["Kafka"])),
      ],
      path: "Tests/TestSupport"),
    .testTarget(name: "JSONTextTests", dependencies: ["JSONText", "TestSupport"]),
    .testTarget(name: "NoticeTests", dependencies: ["Notice", "TestSupport"]),
    .testTarget(name: "SpoolTests", dependencies: ["Spool", "TestSupport"]),
    .testTarget(name: "FastCGITests", dependencies: ["FastCGI", "TestSupport"]),
    .testTarget(name: "NoticeHandlerTests", dependencies: ["NoticeHandler", "TestSupport"]),
    .testTarget(name: "DeliveryTests", dependencies: ["Delivery", "TestSupport"]),
    .testTarget(
      name: "DestinationsTests",
      dependencies: [
        "CSQLite", "CZlib", "Delivery", "Destinations", "Gzip", "JSONText", "Notice", "SystemCalls",
        "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .testTarget(
      name: "NoticeSenderTests",
      dependencies: [
        "NoticeSender", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "SimulationTests",
      dependencies: [
        "NoticeSender", "TestSupport", .product(name: "Logging", package: "swift-log"),
      ]),
    // The same targets as in Tests/Fuzzing, which is a package of its own for Tests/fuzz.sh.
    .testTarget(
      name: "FuzzTests",
      dependencies: [
        "Destinations", "Gzip", "NoticeHandler", "NoticeSender", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["JSONText", "Notice", "SystemCalls", "TestSupport"]),
  ]
)

for target in package.targets
where target.type != .system
  && !["CCommandLine", "CLinux", "CProcessor", "CTrace"].contains(target.name)
{
  target.swiftSettings = [
    .swiftLanguageMode(.v6),
    // A warning nobody reads is worth nothing.
    .treatAllWarnings(as: .error),
    // Every pointer is marked where it is used.
    .strictMemorySafety(),
    // `any` says where a call is dynamic.
    .enableUpcomingFeature("ExistentialAny"),
    // An import is visible in the file that uses it, and leaks to nobody who imports the module.
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    // To make a generic type when it is first used is less than half the work where its name need not be
    // read first. A CGI process makes all of them for one request.
    .unsafeFlags(
      ["-Xfrontend", "-disable-concrete-type-metadata-mangled-name-accessors"],
      .when(configuration: .release)),
  ]
}
