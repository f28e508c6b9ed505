import Foundation

/// A memory page between two inaccessible pages. Reading outside it ends the process.
struct GuardedPage: ~Copyable {
    let bytes: UnsafeMutableRawBufferPointer
    private let whole: UnsafeMutableRawBufferPointer

    init() throws {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        guard let start = mmap(nil, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0),
            start != MAP_FAILED, mprotect(start, page, PROT_NONE) == 0,
            mprotect(start + 2 * page, page, PROT_NONE) == 0
        else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .ENOMEM) }
        whole = UnsafeMutableRawBufferPointer(start: start, count: 3 * page)
        bytes = UnsafeMutableRawBufferPointer(start: start + page, count: page)
    }

    deinit {
        munmap(whole.baseAddress, whole.count)
    }
}
