import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

/// Less common faults, observed by a client.
@Suite("Mock fault kinds")
struct FaultKindTests {
    let server: MockOSSServer
    let content = String(repeating: "0123456789", count: 1000)

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
        try server.put("k", Data(content.utf8), in: "photos")
    }

    private func get(_ headers: KeyValuePairs<String, String> = [:]) throws -> RawResponse {
        try server.request("GET", "/photos/k", headers: headers)
    }

    @Test("A fault can wait for a part number, a range, a connection and a request number")
    func matching() throws {
        server.add(.respond(status: 500, code: "Part"), when: .init(partNumber: 3))
        server.add(.respond(status: 500, code: "Range"), when: .init(range: "bytes=5-9"))
        server.add(.respond(status: 500, code: "Connection"), when: .init(connection: 2))
        server.add(.respond(status: 500, code: "Number"), when: .requestNumber(6))
        #expect(
            try server.request("PUT", "/photos/k?partNumber=2&uploadId=x", body: "").element("Code") == "NoSuchUpload")
        #expect(try server.request("PUT", "/photos/k?partNumber=3&uploadId=x", body: "").element("Code") == "Part")
        #expect(try get().element("Code") == "Connection")
        #expect(try get(["Range": "bytes=0-1"]).status == 206)
        #expect(try get(["Range": "bytes=5-9"]).element("Code") == "Range")
        #expect(server.unusedFaults.count == 1)
        #expect(try get().element("Code") == "Number")
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("A fault compares keys by bytes")
    func keyBytes() throws {
        server.add(.challenge, when: .init(key: "\u{E9}"))
        #expect(try server.request("GET", "/photos/e%CC%81").status == 404)
        #expect(try server.request("GET", "/photos/%C3%A9").status == 401)
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("A fault's probability selects the same requests for the same seed, regardless of other faults")
    func probability() throws {
        func picks(seed: UInt64, others: Int) throws -> [Int] {
            var configuration = MockOSSServer.Configuration(buckets: ["photos"])
            configuration.faults = FaultPlan(seed: seed)
            configuration.faults.add(.respond(status: 503, code: "Busy"), when: .init(probability: 0.3), times: .max)
            for _ in 0..<others {
                configuration.faults.add(.header("x-extra", "1"), when: .init(probability: 0.5), times: .max)
            }
            let server = try MockOSSServer(configuration)
            let client = try RawClient(server)
            return try (0..<100).map { _ in try client.request("GET", "/photos/none").status }
        }
        let first = try picks(seed: 7, others: 0)
        #expect((10...60).contains(first.count { $0 == 503 }))
        #expect(try picks(seed: 7, others: 2) == first)
        #expect(try picks(seed: 8, others: 0) != first)
    }

    @Test("A plan counts for all servers that share it")
    func sharedPlan() throws {
        let plan = FaultPlan()
        plan.add(.challenge, times: 2)
        var configuration = MockOSSServer.Configuration()
        configuration.faults = plan
        for left in [1, 0] {
            #expect(try MockOSSServer(configuration).request("GET", "/").status == 401)
            #expect(plan.occurrences.map(\.count) == [2 - left])
        }
        #expect(plan.unused.isEmpty)
    }

    @Test("neverRespond reads the request and sends nothing until the peer closes the connection or the server stops")
    func neverRespond() async throws {
        server.add(.neverRespond, times: 2)
        let client = try RawClient(server)
        client.send("PUT /photos/new HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
        await server.waitForRequests(1)
        client.finish()
        #expect(client.response() == nil)
        #expect(server.data(of: "new", in: "photos") == nil)
        let other = try RawClient(server)
        other.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await server.waitForRequests(2)
        server.shutDown()
        #expect(other.response() == nil)
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("refuseConnections refuses connections for a while and then accepts them again")
    func refuse() throws {
        server.add(.refuseConnections(for: .milliseconds(150)))
        let client = try RawClient(server)
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(client.response() == nil)
        #expect(client.wasReset)
        var refusals = 0
        while (try? get())?.status != 200 { refusals += 1 }
        #expect(refusals > 0)
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("response sends any status, headers and body; errorInSuccess sends an error with status 200")
    func reply() throws {
        server.add(.response(status: 502, headers: ["Content-Type": "text/html"], body: Array("<html>".utf8)))
        let page = try get()
        #expect(page.status == 502)
        #expect(page.headers["content-type"] == "text/html")
        #expect(page.text == "<html>")
        server.add(.errorInSuccess(code: "InternalError"))
        let error = try server.request("PUT", "/photos/new", body: "x")
        #expect(error.status == 200)
        #expect(error.element("Code") == "InternalError")
        #expect(server.data(of: "new", in: "photos") == nil)
        server.add(.replaceBody(Array("other".utf8)))
        #expect(try server.request("PUT", "/photos/new", body: "x").text == "other")
        #expect(server.data(of: "new", in: "photos") == Data("x".utf8))
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("respondEarly does not wait for the body")
    func early() throws {
        server.add(.respondEarly(status: 403, code: "AccessDenied"))
        let client = try RawClient(server)
        client.send("PUT /photos/new HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        let response = client.response()
        #expect(response?.status == 403)
        #expect(response?.headers["connection"] == "close")
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("stopReading leaves the rest of the body unread")
    func stopReading() async throws {
        server.add(.stopReading(after: 10))
        let client = try RawClient(server)
        client.send("PUT /photos/new HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + content.prefix(100))
        await server.waitForRequests(1)
        #expect(server.requests.first?.status == 0)
        server.shutDown()
        #expect(client.response() == nil)
        #expect(server.data(of: "new", in: "photos") == nil)
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("header changes default headers, too")
    func ownHeaders() throws {
        for (name, value) in [("Date", nil), ("x-oss-request-id", nil), ("Server", "other")] as [(String, String?)] {
            server.add(.header(name, value))
            #expect(try get().headers[name.lowercased()] == value)
        }
        server.add(.header("Content-Length", "20000"))
        let long = try get()
        #expect(long.headers["content-length"] == "20000")
        #expect(!long.isComplete)
        server.add(.header("Content-Length", nil))
        let client = try RawClient(server)
        client.send("GET /photos/k HTTP/1.1\r\nHost: x\r\n\r\n")
        let text = String(decoding: client.readToEnd(), as: UTF8.self)
        #expect(text.hasSuffix(content))
        #expect(!text.contains("Content-Length"))
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("Faults drip, chunk, extend, never end and compress a response")
    func forms() throws {
        server.add(.dripHead(every: .zero))
        #expect(try get().text == content)
        server.add(.extraBytes(Array("extra".utf8)))
        let client = try RawClient(server)
        #expect(try client.request("GET", "/photos/k").text == content)
        client.finish()
        #expect(client.readToEnd() == Array("extra".utf8))

        func raw(_ action: MockFault.Action, _ target: String = "/photos/k") throws -> String {
            server.add(action)
            let client = try RawClient(server)
            client.send("GET \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let text = String(decoding: client.readToEnd(), as: UTF8.self)
            return text.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n")
        }
        #expect(try raw(.chunkBody(ends: true)) == "2710\r\n\(content)\r\n0\r\n\r\n")
        #expect(try raw(.chunkBody(ends: false)) == "2710\r\n\(content)\r\n")
        let drops = try raw(.dripSpaces(count: 3, every: .zero), "/photos/none")
        #expect(
            drops.hasPrefix("1\r\n \r\n1\r\n \r\n1\r\n \r\n") && drops.hasSuffix("</Error>\r\n0\r\n\r\n"), "\(drops)")

        server.add(.endlessBody)
        let reader = try RawClient(server)
        reader.send("GET /photos/k HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(reader.response()?.headers["transfer-encoding"] == "chunked")

        server.add(.gzip)
        let packed = try get()
        #expect(packed.headers["content-encoding"] == "gzip")
        #expect(packed.body.starts(with: [0x1F, 0x8B, 8]))
        #expect(String(decoding: packed.body[15..<10_015], as: UTF8.self) == content)
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("Faults make listings duplicated, unsorted, endless and without marker")
    func listings() throws {
        for key in ["a", "b", "c"] { try server.put(key, Data(), in: "photos") }
        func keys(_ fault: MockFault.ListingFault, _ marker: String = "") throws -> (
            keys: [String], response: RawResponse
        ) {
            server.add(.listing(fault))
            let response = try server.request("GET", "/photos?max-keys=2&marker=" + marker)
            return (response.elements("Key"), response)
        }
        #expect(try keys(.duplicated).keys == ["a", "a", "b"])
        #expect(try keys(.unsorted).keys == ["b", "a"])
        let endless = try keys(.endless, "b")
        #expect(endless.keys == ["a", "b"])
        #expect(endless.response.element("NextMarker") == "b")
        let lost = try keys(.withoutMarker).response
        #expect(lost.element("IsTruncated") == "true")
        #expect(lost.element("NextMarker") == nil)
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("afterwards changes the state between two requests")
    func stateChanges() throws {
        server.add(.afterwards(.putObject(key: nil, bytes: Array("new".utf8))))
        #expect(try get().text == content)
        #expect(try get().text == "new")
        server.add(.afterwards(.deleteObject(key: "k")))
        #expect(try get().text == "new")
        #expect(try get().status == 404)
        let id = try #require(try server.request("POST", "/photos/big?uploads").element("UploadId"))
        server.add(.afterwards(.abortUploads))
        #expect(try server.request("PUT", "/photos/big?partNumber=1&uploadId=\(id)", body: "x").status == 200)
        #expect(
            try server.request("PUT", "/photos/big?partNumber=2&uploadId=\(id)", body: "x").element("Code")
                == "NoSuchUpload")
        server.add(.afterwards(.moveClock(by: .seconds(7200))))
        _ = try get()
        #expect(server.clockOffset == .seconds(7200))
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("A token expired by a fault is rejected afterwards")
    func tokens() async throws {
        var configuration = MockOSSServer.Configuration(buckets: ["photos"])
        configuration.accessKeys = [.init(id: "id", secret: "secret", securityToken: "token")]
        let server = try MockOSSServer(configuration)
        let bucket = try server.bucket("photos")
        server.add(.afterwards(.expireToken(accessKeyID: "id")))
        try await bucket.putObject("a", "x")
        await #expect { try await bucket.putObject("b", "x") } throws: {
            ($0 as? OSSError)?.serviceError?.code == "SecurityTokenExpired"
        }
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("Every fault can be added in JSON, and GET /-/faults returns the counts")
    func json() throws {
        let faults = """
            [{"action": "delay", "milliseconds": 0}, {"action": "closeBeforeReading", "closing": "finish"},
             {"action": "closeAfterReading", "bytes": 1}, {"action": "closeAfterApplying"},
             {"action": "stopReading", "bytes": 1}, {"action": "neverRespond"},
             {"action": "refuseConnections", "milliseconds": 1}, {"action": "respond", "status": 503, "code": "Busy"},
             {"action": "respondEarly", "status": 403, "code": "No", "closing": "reset"},
             {"action": "response", "status": 502, "headers": {"Content-Type": "text/html"}, "text": "<html>"},
             {"action": "errorInSuccess", "code": "InternalError"}, {"action": "redirect", "to": "http://h/"},
             {"action": "challenge"}, {"action": "raw", "base64": "AAEC"}, {"action": "header", "name": "Date"},
             {"action": "replaceBody", "text": ""}, {"action": "gzip"}, {"action": "corruptBody", "offset": 0},
             {"action": "ignoreRange"}, {"action": "listing", "kind": "endless"}, {"action": "truncateBody", "bytes": 1},
             {"action": "stallBody", "bytes": 1, "milliseconds": 1}, {"action": "throttleBody", "bytesPerSecond": 1},
             {"action": "dripHead", "milliseconds": 1}, {"action": "dripSpaces", "count": 1, "milliseconds": 1},
             {"action": "chunkBody", "ends": true}, {"action": "endlessBody"}, {"action": "extraBytes", "text": "x"},
             {"action": "afterwards", "change": "putObject", "objectKey": "k", "text": "x"},
             {"action": "afterwards", "change": "deleteObject"}, {"action": "afterwards", "change": "abortUploads"},
             {"action": "afterwards", "change": "moveClock", "milliseconds": -5},
             {"action": "afterwards", "change": "expireToken", "accessKeyID": "id"},
             {"action": "challenge", "operation": "PutObject", "method": "PUT", "bucket": "photos", "key": "k",
              "partNumber": 1, "range": "bytes=0-1", "requestNumber": 9, "connection": 3, "skip": 1,
              "minimumRequestIndex": 1, "probability": 0.5, "times": 0}]
            """
        #expect(try server.request("POST", "/-/faults", body: faults).text == #"{"added":34}"#)
        #expect(server.unusedFaults.count == 34)
        #expect(
            server.unusedFaults.last?.matcher
                == .init(
                    operation: "PutObject", method: "PUT", bucket: "photos", key: "k", partNumber: 1,
                    range: "bytes=0-1",
                    requestNumber: 9, connection: 3, skip: 1, minimumRequestIndex: 1, probability: 0.5))
        let account = try server.request("GET", "/-/faults").text
        #expect(
            account.contains(
                #"{"action":"closeBeforeReading","happened":0,"id":2,"isEnabled":true,"#
                    + #""summary":"close the connection before the body (FIN)","times":1}"#), "\(account)")
        #expect(
            account.contains(
                #"{"action":"challenge","bucket":"photos","happened":0,"id":34,"isEnabled":true,"key":"k","method":"PUT","#
                    + #""operation":"PutObject","summary":"respond with 401 and request Basic authentication"}"#))
        for bad in [
            #"{"action": "nothing"}"#, #"{"action": "listing", "kind": "odd"}"#, #"{"action": "raw"}"#,
            #"{"action": "afterwards", "change": "odd"}"#, #"{"action": "raw", "base64": "?"}"#,
            #"{"action": "stopReading", "bytes": -1}"#,
        ] {
            let response = try server.request("POST", "/-/faults", body: bad)
            #expect(response.status == 400)
            #expect(response.text.contains("error"))
        }
        #expect(try server.request("DELETE", "/-/faults").status == 200)
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("A manual clock advances only on request")
    func manualClock() throws {
        let clock = ManualClock()
        let start = clock.now
        clock.advance(by: .milliseconds(1500))
        #expect(clock.now.timeIntervalSince(start) == 1.5)
        var configuration = MockOSSServer.Configuration(buckets: ["photos"])
        configuration.clock = { clock.now }
        let server = try MockOSSServer(configuration)
        #expect(try server.request("GET", "/photos").headers["date"] == "Thu, 01 Jan 2026 00:00:01 GMT")
    }

    @Test("SeededRandom returns the numbers of SplitMix64")
    func random() {
        var random = SeededRandom(seed: 1_234_567)
        #expect(
            (0..<3).map { _ in random.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ])
        #expect((0..<1000).allSatisfy { _ in (0..<1).contains(random.unit()) })
    }
}
