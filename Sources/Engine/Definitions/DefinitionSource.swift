import JSON
import Workflows

/// The files of one definition, includes and all, as they were published.
public struct DefinitionSource: Sendable, Equatable {
    /// Path of the definition's own file.
    public var main: String
    /// Text by path; the paths are those that the files' includes resolve to.
    public var files: [String: String]

    /// Creates a source.
    public init(main: String, files: [String: String]) {
        self.main = main
        self.files = files
    }

    /// One JSON value for one content: what is stored and hashed.
    var canonicalJSON: JSON {
        [
            "main": .string(main),
            "files": .object(JSONObject(files.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
        ]
    }

    /// SHA-256 of the content.
    public var hash: [UInt8] { Digest.sha256(canonicalJSON.bytes(.canonical)) }

    init?(json: JSON) {
        guard let main = json["main"]?.stringValue, let files = json["files"]?.objectValue else { return nil }
        self.main = main
        self.files = Dictionary(files.compactMap { path, text in text.stringValue.map { (path, $0) } }) { $1 }
    }

    /// Decodes the files.
    ///
    /// - Throws: ``Workflows/Faults`` where there is an error in them.
    public func definition() throws(Faults) -> Definition {
        try Definition.decode(main) { path in files[path].map { Array($0.utf8) } }.get()
    }
}
