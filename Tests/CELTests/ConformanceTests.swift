import CEL
import JSON
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// The cases of the CEL specification's own suite, where they are at hand.
@Suite("CEL conformance")
struct ConformanceTests {
    /// A case at odds with the specification and with its own sibling for strings.
    private static let contradictory = "parse/bytes_literals/triple_single_quoted_unescaped_punctuation"

    @Test(
        "Every case of the suite has the value or error it should",
        arguments: [
            "basic", "comparisons", "conversions", "fields", "fp_math", "integer_math", "lists", "logic", "macros",
            "macros2", "parse", "plumbing", "string", "string_ext", "timestamps",
        ])
    func suite(name: String) throws {
        guard let text = try SharedData.text("cel/\(name).jsonl") else {
            print("skipped: the conformance cases \(name).jsonl are not here; set REEVE_SHARED to their folder")
            return
        }
        let zones = SystemZones()
        var passed = 0
        let lines = text.split(separator: "\n")
        for line in lines {
            let answer = EvaluationRequest.answer(line: String(line), in: zones)
            let request = try JSON(parsing: String(line))
            let expected = try #require(request["expect"])
            let matches: Bool
            if let value = expected["value"], let found = answer["value"] {
                let (value, found) = (try Value(typedJSON: value), try Value(typedJSON: found))
                matches = value == found || value.isNaN && found.isNaN
            } else {
                matches = expected["error"] != nil && answer["error"] != nil
            }
            if request["id"]?.stringValue == Self.contradictory {
                // It asks a question mark to be read as a backslash and a question mark.
                #expect(!matches)
                continue
            }
            passed += matches ? 1 : 0
            if !matches {
                Issue.record("\(request["id"] ?? nil) \(request["expression"] ?? nil): \(answer), expected \(expected)")
            }
        }
        print("conformance: \(name) \(passed) of \(lines.count)")
    }
}

extension Value {
    fileprivate var isNaN: Bool { if case .double(let value) = self { value.isNaN } else { false } }
}

/// Files beside the checkout that some tests compare with.
enum SharedData {
    static func text(_ path: String) throws -> String? {
        var folders = ["../shared"]
        if let folder = getenv("REEVE_SHARED") { folders.insert(String(cString: folder), at: 0) }
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        folders.append("/\(root)/../shared")
        for folder in folders {
            guard let file = fopen("\(folder)/\(path)", "rb") else { continue }
            defer { fclose(file) }
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
            return String(decoding: bytes, as: UTF8.self)
        }
        return nil
    }
}
