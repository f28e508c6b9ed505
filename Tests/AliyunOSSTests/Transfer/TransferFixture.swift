import AliyunOSSTesting

@testable import AliyunOSS

/// Bytes that are nowhere alike, so that a piece in the wrong place shows.
func pattern(_ count: Int) -> [UInt8] {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
    }
}

extension TestService {
    /// How often each operation was asked for.
    func operations() -> [String: Int] {
        server.requests.reduce(into: [:]) { $0[$1.operation, default: 0] += 1 }
    }
}
