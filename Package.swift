// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func example(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Examples/\(name)", exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "aliyun-oss-swift",
    platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
    products: [
        .library(name: "AliyunOSS", targets: ["AliyunOSS"]),
        .library(name: "AliyunOSSTesting", targets: ["AliyunOSSTesting"]),
    ],
    targets: [
        .target(name: "CChecksum"),
        .target(name: "CLibcurl", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .target(name: "CSystem"),
        .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
        .target(name: "OSSPrimitives", dependencies: ["CChecksum", "CZlib"], swiftSettings: strict),
        .target(name: "AliyunOSS", dependencies: ["CLibcurl", "CSystem", "OSSPrimitives"], swiftSettings: strict),
        .target(name: "AliyunOSSTesting", dependencies: ["AliyunOSS", "OSSPrimitives"], swiftSettings: strict),

        example("quickstart", ["AliyunOSS", "AliyunOSSTesting"]),
        example("ossmirror", ["AliyunOSS"]),
        example("backup", ["AliyunOSS"]),
        example("lifecycle", ["AliyunOSS"]),
        example("presigning", ["AliyunOSS"]),
        example("prune", ["AliyunOSS"]),
        example("read-csv", ["AliyunOSS"]),
        example("resumable-upload", ["AliyunOSS"]),
        example("static-site", ["AliyunOSS"]),
        example("streaming-download", ["AliyunOSS"]),
        example("upload-page", ["AliyunOSS"]),
        example("versions", ["AliyunOSS"]),
        example("oss-mock-server", ["AliyunOSSTesting"]),
        example("oss-benchmark", ["AliyunOSS", "AliyunOSSTesting", "OSSPrimitives"], exclude: ["Peers"]),

        // What several test targets use; part of no product.
        .target(name: "CTestWidth", path: "Tests/Support/CTestWidth"),
        .target(
            name: "TestProcesses", dependencies: ["CSystem"], path: "Tests/Support/TestProcesses", swiftSettings: strict
        ),

        .target(
            name: "TestKit", dependencies: ["AliyunOSS", "AliyunOSSTesting", "OSSPrimitives"],
            path: "Tests/Support/TestKit", resources: [.copy("Fixtures")], swiftSettings: strict),

        .testTarget(name: "TestProcessesTests", dependencies: ["TestKit", "TestProcesses"], swiftSettings: strict),
        .testTarget(
            name: "OSSPrimitivesTests",
            dependencies: ["AliyunOSSTesting", "OSSPrimitives", "TestKit", "TestProcesses"],
            swiftSettings: strict),
        .testTarget(
            name: "AliyunOSSTests",
            dependencies: ["AliyunOSS", "AliyunOSSTesting", "CLibcurl", "OSSPrimitives", "TestKit"],
            swiftSettings: strict),
        .testTarget(
            name: "AliyunOSSTestingTests", dependencies: ["AliyunOSS", "AliyunOSSTesting", "OSSPrimitives", "TestKit"],
            swiftSettings: strict),
        .testTarget(
            name: "ReliabilityTests",
            dependencies: ["AliyunOSS", "AliyunOSSTesting", "OSSPrimitives", "TestKit", "TestProcesses"],
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .executableTarget(
            name: "kill-child", dependencies: ["AliyunOSS"], path: "Tests/KillTests/Child", swiftSettings: strict),
        .testTarget(
            name: "KillTests",
            dependencies: ["AliyunOSS", "AliyunOSSTesting", "TestKit", "TestProcesses", "kill-child"],
            exclude: ["Child"], swiftSettings: strict),
        .testTarget(
            name: "ConformanceTests", dependencies: ["AliyunOSS", "AliyunOSSTesting", "TestKit"], swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", dependencies: ["CTestWidth"], swiftSettings: strict),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "AliyunOSS", "AliyunOSSTesting", "TestKit", "TestProcesses", "backup", "lifecycle",
                "oss-benchmark", "ossmirror", "oss-mock-server", "presigning", "prune", "quickstart", "read-csv",
                "resumable-upload", "static-site", "streaming-download", "upload-page", "versions",
            ],
            swiftSettings: strict),
    ]
)
