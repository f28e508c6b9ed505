import AliyunOSSTesting
import Foundation
import Synchronization
import Testing

@testable import AliyunOSS

@Suite("Age of upload journals")
struct UploadJournalAgeTests {
    @Test("A journal that nobody came back to for more than a week is still what the upload goes on with")
    func old() async throws {
        let upload = try UploadFixture()
        try await upload.interrupt(atPart: 3)
        try upload.age(days: 8)
        // Another spelling of the path is another folder to the process: it has not been swept yet.
        let bucket = try upload.bucket(state: upload.folder["state"] + "/.")
        let before = upload.service.count()
        try await bucket.uploadObject("k", from: upload.folder["source"], options: upload.options())
        #expect(upload.sentParts(after: before) == [3, 4])
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test("A journal that somebody came back to between the look at its age and its lock is not removed")
    func touchedMeanwhile() async throws {
        let upload = try UploadFixture()
        try await upload.interrupt(atPart: 3)
        try upload.age(days: 8)
        let moment = Int64(time(nil)) - JournalFolder.lifetime
        let meanwhile = Meanwhile(.lock, ".journal") { try upload.age(days: 0) }
        try await meanwhile.run {
            let folder = try #require(try JournalFolder(.path(upload.folder["state"])))
            folder.removeAbandoned(before: moment)
            #expect(try upload.journals.count == 1)
            // Once it is as old again, it goes.
            try upload.age(days: 8)
            folder.removeAbandoned(before: moment)
            #expect(try upload.journals.isEmpty)
        }
        #expect(meanwhile.hasHappened)
    }

    @Test("An upload that goes on for weeks keeps its journal: every attempt and every part makes it new")
    func touched() async throws {
        let upload = try UploadFixture()
        try await upload.interrupt(atPart: 2)
        try upload.age(days: 6)
        // An attempt that does nothing.
        upload.service.server.add(.respond(status: 403, code: "Other"), when: .operation("ListParts"))
        _ = await failure { try await upload.upload() }
        #expect(try upload.ageInDays < 1)

        try upload.age(days: 6)
        let number = Mutex(0)
        upload.credentials.beforeEachRequest { request in
            // The listing is the first. The second part comes with the second, and then there is only it to make it new.
            if request == 2 { try upload.age(days: 6) }
            if request == 3 { #expect(try upload.ageInDays < 1) }
            number.withLock { $0 = request }
        }
        try await upload.upload()
        #expect(number.withLock { $0 } == 5)
        upload.credentials.beforeEachRequest { _ in }
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }
}

extension UploadFixture {
    /// Makes the journal as old as if it had been touched last so many days ago.
    fileprivate func age(days: Double) throws {
        let date = Date(timeIntervalSinceNow: -days * 86_400)
        for journal in try journals {
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: folder[journal])
        }
    }

    /// The days since the journal was touched last.
    fileprivate var ageInDays: Double {
        get throws {
            let journal = try #require(try journals.first)
            let attributes = try FileManager.default.attributesOfItem(atPath: folder[journal])
            return -(try #require(attributes[.modificationDate] as? Date)).timeIntervalSinceNow / 86_400
        }
    }

    /// Another client of the service, with its state elsewhere.
    fileprivate func bucket(state: String) throws -> Bucket {
        var configuration = BucketConfiguration()
        configuration.stateDirectory = .path(state)
        return try service.server.bucket("photos", configuration: configuration)
    }
}
