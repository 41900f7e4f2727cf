import Foundation
import Testing
import Workflows

/// Folders with definitions: the library of this checkout and, where it lies beside it, the drafts.
enum Folders {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let library = root.appending(path: "workflows")
    static let drafts = root.appending(path: "../shared/language")

    /// The paths, relative to the folder, of the files that end so.
    static func files(in folder: URL, suffix: String) -> [String] {
        guard let names = FileManager.default.enumerator(atPath: folder.resolvingSymlinksInPath().path) else {
            return []
        }
        return names.compactMap { $0 as? String }.filter { $0.hasSuffix(suffix) }.sorted()
    }

    static func definitions(in folder: URL) -> [String] {
        files(in: folder, suffix: ".yaml").filter { path in
            !path.hasSuffix(".scenario.yaml") && bytes(folder, path).map { $0.starts(with: "workflow:".utf8) } == true
        }
    }

    static func bytes(_ folder: URL, _ path: String) -> [UInt8]? {
        (try? Data(contentsOf: folder.appending(path: path))).map(Array.init)
    }

    static func decode(_ path: String, in folder: URL) -> Decoded<Definition> {
        Definition.decode(path) { bytes(folder, $0) }
    }
}

@Suite("The library decodes")
struct LibraryTests {
    @Test(arguments: Folders.definitions(in: Folders.library))
    func libraryDefinitionsDecodeCleanly(path: String) {
        #expect(Folders.decode(path, in: Folders.library).faults.map(\.description) == [])
    }

    @Test(arguments: Folders.definitions(in: Folders.drafts))
    func draftsDecodeCleanly(path: String) {
        #expect(Folders.decode(path, in: Folders.drafts).faults.map(\.description) == [])
    }
}

@Suite("The library's scenarios decode")
struct LibraryScenarioTests {
    @Test(arguments: Folders.files(in: Folders.library, suffix: ".scenario.yaml"))
    func libraryScenariosDecodeCleanly(path: String) throws {
        let bytes = try #require(Folders.bytes(Folders.library, path))
        #expect(Scenario.decode(bytes, path: path).faults.map(\.description) == [])
    }

    @Test(arguments: Folders.files(in: Folders.drafts, suffix: ".scenario.yaml"))
    func draftScenariosDecodeCleanly(path: String) throws {
        let bytes = try #require(Folders.bytes(Folders.drafts, path))
        #expect(Scenario.decode(bytes, path: path).faults.map(\.description) == [])
    }
}
