import Foundation
import Testing
import Workflows

@Suite("The library checks clean")
struct LibraryCheckTests {
    @Test func libraryHasNoFaults() {
        let check = Folders.check(Folders.library)
        #expect(!check.definitions.isEmpty)
        #expect(check.faults.map(\.description) == [])
    }
}

extension Folders {
    static func check(_ folder: URL) -> WorkflowCheck {
        let paths = files(in: folder, suffix: ".yaml").filter { path in
            guard let bytes = bytes(folder, path) else { return false }
            let text = String(decoding: bytes, as: UTF8.self)
            return text.split(separator: "\n").contains { $0.hasPrefix("workflow:") || $0.hasPrefix("fragment:") }
        }
        return WorkflowCheck(paths) { bytes(folder, $0) }
    }
}
