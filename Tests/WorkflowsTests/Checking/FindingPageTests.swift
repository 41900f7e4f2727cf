import Testing
import Workflows

@Suite("Every finding has its section in the documentation")
struct FindingPageTests {
    @Test func codesAndSectionsAgree() throws {
        let bytes = try #require(Folders.bytes(Folders.root, "docs/definitions/findings.md"))
        let sections = String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line -> String? in
            guard line.hasPrefix("### `"), line.hasSuffix("`") else { return nil }
            return String(line.dropFirst(5).dropLast())
        }
        #expect(sections.count == Set(sections).count)
        #expect(Set(sections) == Set(Fault.Code.allCases.map(\.rawValue)))
    }
}
