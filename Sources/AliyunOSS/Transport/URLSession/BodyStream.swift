import Foundation

/// A stream that provides the body of a request to URLSession, from memory or from a range of a file.
///
/// A stream is the only kind of body that Foundation on Linux can restart when libcurl finds a reused connection dead;
/// `httpBody` is not. The stream blocks only on the disk and never reports that no bytes are available yet, because
/// Linux treats such a report as the end of the body. It counts and checksums the bytes it returns, so the sent bytes
/// are known.
final class BodyStream: InputStream {
    private let source: HTTPBody
    private let pass: Int
    private let inFlight: InFlightRequest
    private var position: Int64 = 0
    private var status = Status.notOpen
    private var failure: (any Error)?

    /// Creates a stream that starts at the beginning of the body.
    ///
    /// - Parameter pass: A number that distinguishes the counts of this stream from those of a stream it replaces.
    init(_ source: HTTPBody, pass: Int, for inFlight: InFlightRequest) {
        self.source = source
        self.pass = pass
        self.inFlight = inFlight
        super.init(data: Data())
    }

    override func open() { status = .open }
    override func close() { status = .closed }
    override var streamStatus: Status { status }
    override var streamError: (any Error)? { failure }
    override var hasBytesAvailable: Bool { failure == nil && position < source.length }

    override func read(_ buffer: UnsafeMutablePointer<UInt8>, maxLength: Int) -> Int {
        guard failure == nil, !inFlight.isOver else { return -1 }
        let wanted = Int(min(Int64(maxLength), source.length - position))
        guard wanted > 0 else {
            status = .atEnd
            return 0
        }
        let target = UnsafeMutableRawBufferPointer(start: buffer, count: wanted)
        do throws(HTTPTransportError) {
            try source.read(into: target, at: position)
        } catch {
            return fail(error)
        }
        position += Int64(wanted)
        inFlight.didSend(UnsafeRawBufferPointer(target), pass: pass)
        return wanted
    }

    override func getBuffer(
        _ buffer: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>, length: UnsafeMutablePointer<Int>
    ) -> Bool {
        false
    }

    private func fail(_ error: HTTPTransportError) -> Int {
        failure = error
        status = .error
        inFlight.stop(.failed(error))
        return -1
    }

    #if canImport(Darwin)
        // CFNetwork sends these messages to every stream, and NSInputStream implements them only in private subclasses.
        // Bytes are always available, so there is nothing to schedule.
        override func schedule(in aRunLoop: RunLoop, forMode mode: RunLoop.Mode) {}
        override func remove(from aRunLoop: RunLoop, forMode mode: RunLoop.Mode) {}
        override func property(forKey key: PropertyKey) -> Any? { nil }
        override func setProperty(_ property: Any?, forKey key: PropertyKey) -> Bool { false }

        @objc(_scheduleInCFRunLoop:forMode:)
        private func scheduleInCFRunLoop(_ runLoop: UnsafeRawPointer?, mode: UnsafeRawPointer?) {}

        @objc(_unscheduleFromCFRunLoop:forMode:)
        private func unscheduleFromCFRunLoop(_ runLoop: UnsafeRawPointer?, mode: UnsafeRawPointer?) {}

        @objc(_setCFClientFlags:callback:context:)
        private func setCFClientFlags(
            _ flags: UInt, callback: UnsafeRawPointer?, context: UnsafeRawPointer?
        ) -> Bool { false }
    #endif
}
