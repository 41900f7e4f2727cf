// swift-tools-version: 6.2
import PackageDescription

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "reeve",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

        // Values and documents
        .target(name: "JSON"),
        .target(name: "YAML", dependencies: [yams]),

        // The pure core
        .target(name: "CEL", dependencies: ["JSON"]),
        .target(name: "Deadlines", dependencies: ["JSON", "YAML"]),
        .target(name: "Workflows", dependencies: ["JSON", "YAML", "CEL", "Deadlines"]),

        // Persistence and enforcement
        .target(name: "PostgresClient", dependencies: ["CLibPQ", logging]),
        .target(name: "PostgresCluster"),
        .target(
            name: "Engine",
            dependencies: ["Workflows", "PostgresClient", "CLibCrypto", logging, metrics, lifecycle]),

        // Surfaces
        .target(name: "Connectors", dependencies: ["Engine", "CLibCurl", "CLibCrypto"]),
        .target(name: "Web", dependencies: ["Engine", hummingbird, logging, lifecycle]),
        .executableTarget(
            name: "reeve",
            dependencies: ["Web", "Connectors", "CLibCurl", "PostgresCluster", argumentParser, logging, lifecycle]),

        // Measurements
        .executableTarget(
            name: "reeve-bench",
            dependencies: ["Engine", "PostgresCluster", "YAML", logging], path: "Benchmarks",
            exclude: ["References"]),

        // Tests
        .testTarget(name: "ArchitectureTests"),
        .testTarget(name: "ConnectorsTests", dependencies: ["Connectors", "TestSupport"]),
        .testTarget(name: "CELTests", dependencies: ["CEL", "JSON"]),
        .testTarget(name: "DeadlinesTests", dependencies: ["Deadlines", "JSON"]),
        .testTarget(name: "JSONTests", dependencies: ["JSON"]),
        .testTarget(name: "YAMLTests", dependencies: ["YAML"]),
        .testTarget(name: "WorkflowsTests", dependencies: ["Workflows"]),
        .testTarget(
            name: "PostgresClientTests", dependencies: ["PostgresClient", "PostgresCluster", "TestSupport"]),
        .testTarget(
            name: "CommandLineTests", dependencies: ["reeve", "JSON", "PostgresClient", "TestSupport"],
            exclude: ["Clients/attack.py", "Clients/examine.py"]),
        .testTarget(name: "WebTests", dependencies: ["Web", "Engine", "JSON", "TestSupport"]),
        .testTarget(name: "EngineTests", dependencies: ["Engine", "TestSupport"]),
        .testTarget(
            name: "FaultsTests",
            dependencies: [
                "Connectors", "Deadlines", "Engine", "JSON", "PostgresClient", "PostgresCluster", "TestSupport",
                "Workflows", "reeve",
            ],
            path: "Tests/Faults", exclude: ["Preloads"]),
        .target(
            name: "TestSupport", dependencies: ["JSON", "PostgresClient", "PostgresCluster"], path: "Tests/Support",
            exclude: ["Servers/mailbox.py", "Servers/receiver.py"]),
    ],
    swiftLanguageModes: [.v6]
)

// `Scripts/fuzz` builds this with a sanitizer, which nothing else should be built with.
if Context.environment["REEVE_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "reeve-fuzz", dependencies: ["CEL", "Deadlines", "JSON", "Workflows", "YAML"], path: "Tests/Fuzz"))
}

// Warnings are errors in our own code; libraries keep theirs.
for target in package.targets where target.type != .system {
    target.swiftSettings = (target.swiftSettings ?? []) + [.treatAllWarnings(as: .error)]
}
