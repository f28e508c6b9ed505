import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Credentials from a program", .timeLimit(.minutes(3)))
struct CredentialsProgramTests {
    private static func shell(_ script: String, _ arguments: String...) -> RefreshingCredentialsProvider {
        .process("/bin/sh", ["-c", script, "sh"] + arguments)
    }

    @Test(
        "The formats of all tools are supported",
        arguments: [
            #"{"AccessKeyId": "id", "AccessKeySecret": "s3cr3t"}"#,
            #"{"AccessKeyId": "id", "AccessKeySecret": "s3cr3t", "SecurityToken": "", "Expiration": ""}"#,
            #"{"mode": "AK", "access_key_id": "id", "access_key_secret": "s3cr3t"}"#,
        ])
    func permanent(_ output: String) async throws {
        let credentials = try await Self.shell(#"printf %s "$1""#, output).credentials()
        #expect(credentials == Credentials(accessKeyID: "id", accessKeySecret: "s3cr3t"))
    }

    @Test("Temporary credentials have a token and an expiration, and the program is found in PATH")
    func temporary() async throws {
        let output = """
            {"mode": "StsToken", "access_key_id": "id", "access_key_secret": "s3cr3t", "sts_token": "t0k3n",
            "expiration": "2099-01-01T00:00:00Z"}
            """
        let provider: RefreshingCredentialsProvider = .process("printf", ["%s", output])
        let credentials = try await provider.credentials()
        #expect(
            credentials?.securityToken == "t0k3n"
                && credentials?.expiration == Date(timeIntervalSince1970: 4_070_908_800))
    }

    @Test(
        "An unusable program or output is an error with its name, and without its output and arguments",
        arguments: [
            ("echo s3cr3t; exit 3", "exited with status 3"), ("echo s3cr3t >&2; kill -9 $$", "signal 9"),
            ("echo s3cr3t", "another format"), ("", "empty"), (#"echo '{"access_key_id": "s3cr3t"'"#, "malformed"),
            (
                #"echo '{"mode":"StsToken","access_key_id":"id","access_key_secret":"s3cr3t"}'"#,
                "without the security token"
            ),
            (#"echo '{"AccessKeyId":"id","AccessKeySecret":"s3cr3t","Expiration":"2020-01-01T00:00:00Z"}'"#, "expired"),
            (#"echo '{"AccessKeyId":"id","AccessKeySecret":"s3cr3t","Expiration":"soon"}'"#, "unreadable expiration"),
            ("yes s3cr3t", "more than 64 KiB"),
        ])
    func failures(_ script: String, _ word: String) async throws {
        let error = try await failure(of: Self.shell(script, "t0k3n"))
        #expect(error.message.contains("'/bin/sh'") && error.message.contains(word), "\(error)")
        #expect(!error.message.contains("-c"))
    }

    @Test("A missing program is an error")
    func missing() async throws {
        let error = try await failure(of: .process("/nonexistent/helper", ["s3cr3t"]))
        #expect(error.message.contains("/nonexistent/helper") && error.message.contains("cannot be started"))
    }

    @Test(
        "A program that does not end is killed, with its child processes",
        arguments: ["sleep 1000 & echo $! > $1/child; wait", "exec 1>&-; echo $$ > $1/child; sleep 1000 & wait"])
    func timeout(_ script: String) async throws {
        let folder = try ScratchDirectory()
        let program = CredentialsProgram(["/bin/sh", "-c", script, "sh", folder.path])
        // The limit is long enough for the shell to start, or else the program is started again.
        var error: OSSError?
        var limit = Duration.milliseconds(200)
        while try !folder.exists("child") || folder.text("child").isEmpty {
            limit *= 2
            error = await #expect(throws: OSSError.self) {
                _ = try await BlockingWork.run { [limit] in try program.credentials(limit: limit) }
            }
        }
        #expect(error?.message.contains("did not end within") == true)
        let child = try #require(pid_t(try folder.text("child").trimmingCharacters(in: .whitespacesAndNewlines)))
        // A killed orphan is gone as soon as the init process has reaped it.
        #expect(try await eventually { kill(child, 0) != 0 || isZombie(child) })
    }

    private func isZombie(_ process: pid_t) -> Bool {
        let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        return status?.split(separator: ")").last?.hasPrefix(" Z") == true
    }

    #if os(Linux)
        @Test("A program inherits no descriptors, and its standard input is empty")
        func descriptors() async throws {
            // Without O_CLOEXEC, a program would inherit it.
            let descriptor = open("/dev/null", O_RDONLY)
            defer { close(descriptor) }
            let inherited = Self.shell(
                #"cat; test -e /proc/$$/fd/$1 && exit 9; printf %s "$2""#, "\(descriptor)",
                #"{"AccessKeyId": "id", "AccessKeySecret": "s3cr3t"}"#)
            #expect(try await inherited.credentials()?.accessKeyID == "id")
        }
    #endif

    @Test(
        "A command is split into words as in a shell",
        arguments: [
            ("helper", ["helper"]), ("  helper  a\tb\n", ["helper", "a", "b"]),
            (#"'/opt/a b/helper' "c d" e\ f"#, ["/opt/a b/helper", "c d", "e f"]),
            (#"helper '' "" a''b"#, ["helper", "", "", "ab"]),
            (#"helper "a\"b\\c\d" '\e'"#, ["helper", #"a"b\c\d"#, #"\e"#]),
            ("helper $HOME *", ["helper", "$HOME", "*"]), ("helper a\\\n b", ["helper", "a", "b"]),
        ])
    func words(_ command: String, _ words: [String]) throws {
        #expect(try CredentialsProgram(command: command).words == words)
    }

    @Test(
        "A command that cannot be split is an error",
        arguments: ["", "  ", "helper 's3cr3t", "helper \"", "helper \\", "''"])
    func unreadable(_ command: String) throws {
        let error = #expect(throws: OSSError.self) { try CredentialsProgram(command: command) }
        #expect(error?.code == .credentialsUnavailable && error?.description.contains("s3cr3t") == false)
    }
}
