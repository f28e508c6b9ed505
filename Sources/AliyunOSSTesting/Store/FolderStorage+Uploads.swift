import Foundation

/// Methods that store incomplete multipart uploads. The files are `uploads/ID/upload.json` for each upload and
/// `uploads/ID/NUMBER.json` for each part, with the content of the part in `data/`.
extension FolderStorage {
    private struct PartRecord: Codable {
        var files: [StoredFile]
        var size: Int
        var eTag: String
        var checksum: UInt64
        var lastModified: Date
    }

    func save(_ upload: MockUpload) throws {
        try FileManager.default.createDirectory(at: folder(of: upload.id), withIntermediateDirectories: true)
        try JSONEncoder().encode(upload.properties)
            .write(to: folder(of: upload.id).appendingPathComponent("upload.json"), options: .atomic)
    }

    func save(_ part: MockUpload.Part, number: Int, of upload: MockUpload) throws {
        guard case .files(let files) = part.content else { return }
        let record = PartRecord(
            files: files, size: part.size, eTag: part.eTag, checksum: part.checksum, lastModified: part.lastModified)
        try JSONEncoder().encode(record)
            .write(to: folder(of: upload.id).appendingPathComponent("\(number).json"), options: .atomic)
    }

    func remove(_ upload: MockUpload) {
        try? FileManager.default.removeItem(at: folder(of: upload.id))
    }

    /// Loads the incomplete uploads of an earlier run.
    ///
    /// - Parameter loaded: Objects and their files. An upload that shares a file with an object was being completed
    ///   when the server exited, and is therefore removed. The other uploads and their files are added.
    func loadUploads(_ loaded: inout Loaded) throws {
        guard let ids = try? FileManager.default.contentsOfDirectory(atPath: uploads.path) else { return }
        let decoder = JSONDecoder()
        for id in ids {
            // The server exited while it was creating or removing the upload.
            guard let data = try? Data(contentsOf: folder(of: id).appendingPathComponent("upload.json")) else {
                try? FileManager.default.removeItem(at: folder(of: id))
                continue
            }
            guard let properties = try? decoder.decode(MockUpload.Properties.self, from: data) else {
                loaded.cannotRead(folder(of: id).appendingPathComponent("upload.json"))
                continue
            }
            var parts: [Int: MockUpload.Part] = [:]
            var names: Set<String> = []
            for url in try FileManager.default.contentsOfDirectory(at: folder(of: id), includingPropertiesForKeys: nil)
            {
                guard let number = Int(url.deletingPathExtension().lastPathComponent) else { continue }
                guard let record = try? decoder.decode(PartRecord.self, from: Data(contentsOf: url)) else {
                    loaded.cannotRead(url)
                    continue
                }
                names.formUnion(record.files.map(\.name))
                guard hasFiles(record.files) else {
                    loaded.warnings.append("\(url.path): the content of the part is missing; the part was skipped")
                    continue
                }
                parts[number] = MockUpload.Part(
                    content: .files(record.files), size: record.size, eTag: record.eTag, checksum: record.checksum,
                    lastModified: record.lastModified)
            }
            let upload = MockUpload(id: id, properties: properties, parts: parts)
            if loaded.files.isDisjoint(with: names) {
                loaded.files.formUnion(names)
                loaded.uploads.append(upload)
            } else {
                remove(upload)
            }
        }
    }

    private func folder(of id: String) -> URL {
        uploads.appendingPathComponent(id)
    }
}
