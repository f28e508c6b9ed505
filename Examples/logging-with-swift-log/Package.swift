// swift-tools-version: 6.1
// A program that writes the events of the library to swift-log:
// `swift run --package-path Examples/logging-with-swift-log`.
import PackageDescription

let package = Package(
    name: "logging-with-swift-log",
    platforms: [.macOS(.v15), .iOS(.v18)],
    dependencies: [
        .package(name: "aliyun-oss-swift", path: "../.."),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.6.0"),
    ],
    targets: [
        .executableTarget(
            name: "logging-with-swift-log",
            dependencies: [
                .product(name: "AliyunOSS", package: "aliyun-oss-swift"),
                .product(name: "AliyunOSSTesting", package: "aliyun-oss-swift"),
                .product(name: "Logging", package: "swift-log"),
            ])
    ]
)
