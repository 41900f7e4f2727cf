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
        WorkflowCheck(files(in: folder, suffix: ".yaml")) { bytes(folder, $0) }
    }
}
