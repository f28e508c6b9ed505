// swift-tools-version: 6.1
// A package whose tests use the mock server: `swift test --package-path Examples/testing-package`.
import PackageDescription

let package = Package(
    name: "testing-package",
    platforms: [.macOS(.v15), .iOS(.v18)],
    dependencies: [.package(name: "aliyun-oss-swift", path: "../..")],
    targets: [
        .target(name: "PhotoAlbum", dependencies: [.product(name: "AliyunOSS", package: "aliyun-oss-swift")]),
        .testTarget(
            name: "PhotoAlbumTests",
            dependencies: ["PhotoAlbum", .product(name: "AliyunOSSTesting", package: "aliyun-oss-swift")]),
    ]
)
