/// A range of an object's bytes, written as a Swift range such as `0..<5`, `0...4`, `100...` or `..<100`, or as
/// `.last(100)`.
public struct ByteRange: Sendable, Hashable {
    enum Extent: Sendable, Hashable {
        /// The bytes from one offset through another, inclusive, or through the end of the object.
        case offsets(first: Int64, last: Int64?)
        /// The last bytes of the object.
        case suffix(Int64)
    }

    let extent: Extent

    /// A range that contains the entire object.
    static let everything = ByteRange(extent: .offsets(first: 0, last: nil))

    /// Checks that the range contains at least one byte.
    func validate() throws(OSSError) {
        switch extent {
        case .offsets(let first, let last) where first < 0 || last ?? first < first:
            throw OSSError(.invalidArgument, "a byte range must start at 0 or later and contain at least one byte")
        case .suffix(let count) where count < 1:
            throw OSSError(
                .invalidArgument, "a byte range must contain at least one byte (got the last \(count) bytes)")
        default:
            return
        }
    }
}

/// A Swift range that represents a range of bytes.
public protocol ByteRangeExpression {
    /// The range of bytes that this value represents. An operation with an invalid range throws an error.
    var byteRange: ByteRange { get }
}

extension ByteRange: ByteRangeExpression {
    /// The range of bytes itself.
    public var byteRange: ByteRange { self }
}

extension ByteRangeExpression where Self == ByteRange {
    /// Returns a range that contains the last `count` bytes, or the entire object if the object is smaller.
    public static func last(_ count: Int64) -> ByteRange { ByteRange(extent: .suffix(count)) }
}

extension Range: ByteRangeExpression where Bound: BinaryInteger {
    /// The bytes from the lower bound up to, but not including, the upper bound.
    public var byteRange: ByteRange {
        ByteRange(extent: .offsets(first: Int64(clamping: lowerBound), last: Int64(clamping: upperBound) &- 1))
    }
}

extension ClosedRange: ByteRangeExpression where Bound: BinaryInteger {
    /// The bytes from the lower bound through the upper bound.
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
    /// The bytes from the start of the object through the upper bound.
    public var byteRange: ByteRange {
        ByteRange(extent: .offsets(first: 0, last: Int64(clamping: upperBound)))
    }
}
