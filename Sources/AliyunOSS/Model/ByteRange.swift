/// A range of the bytes of an object.
///
/// Written as a Swift range wherever one is asked for: `0..<5`, `0...4`, `100...`, `..<100`; or as `.last(100)`.
public struct ByteRange: Sendable, Hashable {
    enum Extent: Sendable, Hashable {
        /// From an offset, up to and including another or to the end of the object.
        case offsets(first: Int64, last: Int64?)
        /// The last so many bytes.
        case suffix(Int64)
    }

    let extent: Extent

    /// The whole object.
    static let everything = ByteRange(extent: .offsets(first: 0, last: nil))

    /// Checks that there is a byte in it.
    func validate() throws(OSSError) {
        switch extent {
        case .offsets(let first, let last) where first < 0 || last ?? first < first:
            throw OSSError(.invalidArgument, "a byte range begins at 0 or later and has at least one byte")
        case .suffix(let count) where count < 1:
            throw OSSError(.invalidArgument, "the last \(count) bytes of an object are no range: ask for at least one")
        default:
            return
        }
    }
}

/// A Swift range that can stand for a range of bytes.
public protocol ByteRangeExpression {
    /// The bytes it stands for. A range that makes no sense is reported by the operation it is given to.
    var byteRange: ByteRange { get }
}

extension ByteRange: ByteRangeExpression {
    /// Itself.
    public var byteRange: ByteRange { self }
}

extension ByteRangeExpression where Self == ByteRange {
    /// The last `count` bytes, or the whole object when it is smaller.
    public static func last(_ count: Int64) -> ByteRange { ByteRange(extent: .suffix(count)) }
}

extension Range: ByteRangeExpression where Bound: BinaryInteger {
    /// The bytes from the lower bound up to, and without, the upper one.
    public var byteRange: ByteRange {
        ByteRange(extent: .offsets(first: Int64(clamping: lowerBound), last: Int64(clamping: upperBound) &- 1))
    }
}

extension ClosedRange: ByteRangeExpression where Bound: BinaryInteger {
    /// The bytes from the lower bound up to and including the upper one.
    public var byteRange: ByteRange {
        ByteRange(extent: .offsets(first: Int64(clamping: lowerBound), last: Int64(clamping: upperBound)))
    }
}

extension PartialRangeFrom: ByteRangeExpression where Bound: BinaryInteger {
    /// The bytes from the lower bound to the end of the object.
    public var byteRange: ByteRange {
        ByteRange(extent: .offsets(first: Int64(clamping: lowerBound), last: nil))
    }
}

extension PartialRangeUpTo: ByteRangeExpression where Bound: BinaryInteger {
    /// The bytes before the upper bound.
    public var byteRange: ByteRange {
        ByteRange(extent: .offsets(first: 0, last: Int64(clamping: upperBound) &- 1))
    }
}

extension PartialRangeThrough: ByteRangeExpression where Bound: BinaryInteger {
    /// The bytes up to and including the upper bound.
    public var byteRange: ByteRange {
        ByteRange(extent: .offsets(first: 0, last: Int64(clamping: upperBound)))
    }
}
