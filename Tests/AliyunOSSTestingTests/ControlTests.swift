import AliyunOSSTesting
import Foundation
import Synchronization
import TestKit
import Testing

@Suite("Mock control endpoints")
struct ControlTests {
    let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
    }

    @Test("A reset restores a clock that a fault has moved")
    func clock() throws {
        server.add(.afterwards(.moveClock(by: .seconds(7200))))
        #expect(try server.request("GET", "/").status == 200)
        #expect(server.clockOffset == .seconds(7200))
        #expect(try server.request("POST", "/-/reset", body: "").status == 200)
        #expect(server.clockOffset == .zero)
    }

    @Test(
        "An unknown member of a fault is rejected by name, and none of the array is added",
        arguments: [
            #"{"action":"respond","status":503,"code":"X","oepration":"PutObject"}"#,
            #"[{"action":"challenge"},{"action":"respond","status":503,"code":"X","oepration":"PutObject"}]"#,
            #"{"action":"challenge","oepration":1}"#, #"{"action":"afterwards","change":"abortUploads","oepration":1}"#,
        ])
    func misspelt(json: String) throws {
        let refused = try server.request("POST", "/-/faults", body: json)
        #expect(refused.status == 400)
        #expect(refused.text.contains("oepration"), "\(refused.text)")
        #expect(server.faults.occurrences.isEmpty)
    }

    @Test("A member of another action and an unknown action are rejected by name")
    func misplaced() throws {
        for (json, name) in [
            (#"{"action":"respond","status":503,"code":"X","closing":"reset"}"#, "closing"),
            (#"{"action":"truncateBody","bytes":1,"offset":2}"#, "offset"),
            (#"{"action":"refuse","offset":2}"#, "refuse"),
        ] {
            let refused = try server.request("POST", "/-/faults", body: json)
            #expect(refused.status == 400)
            #expect(refused.text.contains("'\(name)'"), "\(refused.text)")
        }
        #expect(server.faults.occurrences.isEmpty)
    }

    @Test("A control document beyond the maximum length is rejected before it is read")
    func length() throws {
        for length in ["50000000000", "16777217"] {
            let client = try RawClient(server)
            client.send("POST /-/faults HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\n{")
            #expect(client.response()?.status == 413)
            #expect(client.readToEnd().isEmpty)
        }
    }

    @Test(
        "A fault can wait for the longest duration without overflow",
        arguments: [
            #"{"action":"refuseConnections","milliseconds":9223372036854775807}"#,
            #"{"action":"delay","milliseconds":9223372036854775807}"#,
            #"{"action":"dripHead","milliseconds":9223372036854775807}"#,
        ])
    func longest(json: String) async throws {
        #expect(try server.request("POST", "/-/faults", body: json).status == 200)
        let client = try RawClient(server)
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await server.waitForRequests(1)
        server.shutDown()
        #expect(client.response() == nil)
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("Moving the clock by the longest duration leaves a valid time")
    func farAway() async throws {
        for sign in ["", "-"] {
            let json = #"{"action":"afterwards","change":"moveClock","milliseconds":\#(sign)9223372036854775807}"#
            #expect(try server.request("POST", "/-/faults", body: json).status == 200)
            #expect(try server.request("GET", "/").status == 200)
            #expect(try server.request("PUT", "/photos/k", body: "x").status == 200)
            #expect(try server.request("GET", "/photos").status == 200)
            #expect(try server.request("POST", "/-/reset", body: "").status == 200)
        }
        server.add(.delay(.seconds(Int64.max)))
        let client = try RawClient(server)
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await server.waitForRequests(1)
        server.shutDown()
        #expect(client.response() == nil)
    }

    @Test("The log and the log lines contain no signatures and no tokens")
    func secrets() throws {
        let lines = Mutex<[String]>([])
        var configuration = MockOSSServer.Configuration(buckets: ["photos"])
        configuration.log = { line in lines.withLock { $0.append(line) } }
        let server = try MockOSSServer(configuration)
        let target =
            "/photos/k?Expires=1&Signature=secret1&x-oss-signature=secret2&security-token=secret3&versionId=null"
            + "&x-oss-security%2Dtoken=secret4&SIGNATURE=secret5"
        let headers: KeyValuePairs = [
            "Authorization": "secret6", "x-oss-security-token": "secret7", "security-token": "secret8", "x-a": "shown",
        ]
        #expect(try server.request("GET", target, headers: headers).status == 404)
        let log = try server.request("GET", "/-/log").text
        server.shutDown()
        let written = lines.withLock { $0 }
        let line = try #require(written.first)
        for text in [log, line] {
            #expect(!text.contains("secret"), "\(text)")
            #expect(text.contains("/photos/k?Expires=1&Signature=&x-oss-signature=&security-token=&versionId=null&"))
        }
        #expect(log.contains("shown"))
        // The request log in the process is not redacted.
        #expect(server.requests.first?.target == target)
    }
}
