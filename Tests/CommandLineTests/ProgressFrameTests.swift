import AliyunOSS
import Testing

@testable import ossmirror

@Suite("Progress display")
struct ProgressFrameTests {
    private static let now = ContinuousClock.now
    private static let plain = TerminalStyle(hasColor: false)

    private static func status(
        moved: Int64 = 0, of total: Int64 = 0, rate: Double = 0, left: Duration? = nil, resumed: Int64 = 0,
        found: Int = 0, isListed: Bool = true, _ change: (inout TransferStatus) -> Void = { _ in }
    ) -> TransferStatus {
        var status = TransferStatus(
            progress: TransferProgress(
                bytesTransferred: moved, bytesTotal: total, bytesPerSecond: rate, estimatedTimeRemaining: left,
                bytesResumed: resumed),
            found: TransferTally(files: found), isListingComplete: isListed)
        change(&status)
        return status
    }

    private static func file(
        _ path: String, _ done: Int64, of size: Int64, _ phase: TransferStatus.Phase = .transferring,
        for seconds: Int = 9
    ) -> TransferStatus.File {
        .init(path: path, phase: phase, bytesDone: done, size: size, startTime: now - .seconds(seconds))
    }

    private static let busy = status(
        moved: 3 << 20, of: 12 << 20, rate: 2_097_152, left: .milliseconds(4500), found: 20, isListed: false
    ) {
        ($0.transferred.files, $0.unchanged.files, $0.failed.files) = (5, 3, 1)
        $0.filesInFlight = [
            file("img/photo.raw", 1 << 20, of: 4 << 20), file("disk.img", 512, of: 1024, .comparing),
        ]
    }

    @Test("The lines show the bar, the numbers and the files in flight, at any width")
    func lines() {
        let frame = ProgressFrame(status: Self.busy, now: Self.now)
        let blanks = String(repeating: " ", count: 52)
        let wide = [
            "━━━━━━━───────────────────────  25%  3.0 MiB of 12.0 MiB+  2.0 MiB/s  5 s+ left",
            "9 of 20+ files  3 unchanged  1 failed",
            "  img/photo.raw\(blanks)          25%  4.0 MiB",
            "  disk.img\(blanks)    50%  1.0 KiB  comparing",
        ]
        #expect(frame.lines(columns: 90, rows: 24, Self.plain) == wide)
        let narrow = [
            " 25%  3.0 MiB of 12.0 MiB+  2.0 MiB/s  5 s+", "9 of 20+ files  3 unchanged  1 failed",
            "  img/photo.raw                25%  4.0 MiB", "  disk.img          50%  1.0 KiB  comparing",
        ]
        #expect(frame.lines(columns: 44, rows: 24, Self.plain) == narrow)
        #expect(frame.lines(columns: 90, rows: 3, Self.plain).count == 2)
        #expect(frame.lines(columns: 90, rows: 1, Self.plain).count == 1)
    }

    @Test(
        "No line is wider than the terminal and none contains a control character", arguments: [1, 2, 3, 9, 20, 33, 80])
    func width(columns: Int) {
        var status = Self.busy
        let names = [
            "a\u{1B}[31mb\r\nc", "日本語のファイル名.txt", "e\u{301}\u{202E}gpj.exe", String(repeating: "x", count: 300),
        ]
        status.filesInFlight = names.map { Self.file($0, 1, of: 3) }
        for line in ProgressFrame(status: status, now: Self.now).lines(columns: columns, rows: 24, Self.plain) {
            #expect(ColumnWidth.of(line) < max(2, columns), "\(line)")
            #expect(Printable.line(line) == line)
        }
    }

    @Test("At most four files are shown, those in flight for the longest time, and none that has just started")
    func files() {
        let status = Self.status(found: 9) {
            $0.filesInFlight = (1...6).map { Self.file("f\($0)", 0, of: 10) } + [Self.file("new", 0, of: 10, for: 0)]
        }
        let lines = ProgressFrame(status: status, now: Self.now).lines(columns: 40, rows: 24, Self.plain)
        #expect(lines.dropFirst(2).map { $0.prefix(4) } == ["  f1", "  f2", "  f3", "  f4"])
        let few = Self.status(found: 1) { $0.filesInFlight = [Self.file("new", 0, of: 10, for: 0)] }
        #expect(ProgressFrame(status: few, now: Self.now).lines(columns: 40, rows: 24, Self.plain).count == 2)
    }

    @Test(
        "The plain line contains the same numbers",
        arguments: [
            (busy, "25%, 3.0 MiB of 12.0 MiB+, 2.0 MiB/s, 5 s+ left; 9 of 20+ files, 3 unchanged, 1 failed"),
            (status(isListed: false), "0%, 0 B of 0 B+; 0 of 0+ files"),
            (status { _ in }, "100%, 0 B of 0 B; 0 of 0 files"),
            (
                status(moved: 1024, of: 1024, left: .zero, resumed: 512, found: 1) { $0.transferred.files = 1 },
                "100%, 1.0 KiB of 1.0 KiB; 1 of 1 file, 512 B resumed"
            ),
            // All bytes are transferred, but a file waits to be committed.
            (status(moved: 1024, of: 1024, left: .zero, found: 1), "99%, 1.0 KiB of 1.0 KiB; 0 of 1 file"),
            // Empty files have no bytes.
            (status(found: 4) { $0.transferred.files = 1 }, "25%, 0 B of 0 B; 1 of 4 files"),
            (
                status(found: 6) { ($0.skipped.files, $0.deleted.files, $0.different.files) = (1, 2, 3) },
                "66%, 0 B of 0 B; 4 of 6 files, 3 different, 1 skipped, 2 deleted"
            ),
        ])
    func text(status: TransferStatus, expected: String) {
        #expect(ProgressFrame(status: status, now: Self.now).text == expected)
    }

    @Test("An interrupted run shows that it is stopping, and a comparison shows equal files")
    func states() {
        let stopping = ProgressFrame(status: Self.busy, now: Self.now, isStopping: true)
        #expect(stopping.text.contains("2.0 MiB/s, stopping;"))
        let comparison = ProgressFrame(isComparison: true, status: Self.busy, now: Self.now)
        #expect(comparison.text.contains("3 equal"))
        #expect(!comparison.lines(columns: 80, rows: 24, Self.plain).joined().contains("comparing"))
    }

    @Test("Color is used only if the style has it, and ASCII characters if the locale requires them")
    func style() throws {
        let frame = ProgressFrame(status: Self.busy, now: Self.now)
        let colored = frame.lines(columns: 90, rows: 24, TerminalStyle()).joined()
        #expect(colored.contains("\u{1B}[31m  1 failed\u{1B}[0m") && colored.contains("\u{1B}[32m━"))
        let ascii = frame.lines(columns: 90, rows: 24, TerminalStyle(hasColor: false, hasUnicode: false))
        #expect(try #require(ascii.first).hasPrefix("#######-----------------------  25%"))
        #expect(!ascii.joined().contains { !$0.isASCII })
    }

    @Test(
        "The environment and the options decide how progress is shown",
        arguments: [
            (true, ["TERM": "xterm", "LANG": "C.UTF-8"], OutputArguments(), .live(TerminalStyle())),
            (true, ["TERM": "xterm", "LC_ALL": "de_DE.utf8@euro"], .init(), .live(TerminalStyle())),
            (
                true, ["TERM": "xterm", "LANG": "C.UTF-8", "LC_ALL": "C"], .init(),
                .live(TerminalStyle(hasUnicode: false))
            ),
            (
                true, ["TERM": "xterm", "LANG": "C.UTF-8", "NO_COLOR": "1"], .init(),
                .live(TerminalStyle(hasColor: false))
            ),
            (true, ["TERM": "xterm", "LANG": "C.UTF-8", "NO_COLOR": ""], .init(), .live(TerminalStyle())),
            (true, ["TERM": "dumb"], .init(), .lines(every: .seconds(30))),
            (true, [:], .init(), .lines(every: .seconds(30))),
            (false, ["TERM": "xterm"], .init(), .lines(every: .seconds(30))),
            (true, ["TERM": "xterm"], .init(progressInterval: 5), .lines(every: .seconds(5))),
            (false, [:], .init(progressInterval: 0), nil),
            (false, [:], .init(json: true), .lines(every: .seconds(30))),
            (true, ["TERM": "xterm"], .init(quiet: true), nil),
            (true, ["TERM": "xterm"], .init(noProgress: true), nil),
        ] as [(Bool, [String: String], OutputArguments, ProgressDisplay.Mode?)])
    func mode(isTerminal: Bool, environment: [String: String], output: OutputArguments, expected: ProgressDisplay.Mode?)
    {
        #expect(output.progressMode(isTerminal: isTerminal, environment: environment) == expected)
    }

    @Test(
        "The width of a text is counted in columns, and a text that is too long loses its start",
        arguments: [
            ("abc", 3, 5, "abc  "), ("abc", 3, 3, "abc"), ("abcdef", 6, 4, "…def"), ("日本語", 6, 6, "日本語"),
            ("日本語", 6, 5, "…本語"), ("日本語", 6, 4, "…語 "), ("e\u{301}x", 2, 3, "e\u{301}x "),
            ("abe\u{301}", 3, 2, "…e\u{301}"), ("☕️", 2, 2, "☕️"), ("👍🏽", 4, 4, "👍🏽"), ("abc", 3, 1, " "),
            ("abc", 3, 0, ""),
            ("가a", 3, 2, "…a"),
        ])
    func fit(text: String, width: Int, columns: Int, expected: String) {
        #expect(ColumnWidth.of(text) == width)
        #expect(ColumnWidth.fit(text, columns, ellipsis: "…") == expected)
    }

    @Test(
        "A duration has its two largest units",
        arguments: [
            (0, "0 s"), (59, "59 s"), (60, "1 min"), (200, "3 min 20 s"), (7260, "2 h 1 min"), (187_300, "2 d 4 h"),
        ])
    func duration(seconds: Int, expected: String) {
        #expect(Readable.duration(.seconds(seconds)) == expected)
    }
}
