import JSON
import Testing
import Workflows

@Suite("The JSON Schema for editors has the words that the decoder knows")
struct EditorSchemaTests {
    /// Where a word that no part of the language has is put, by the schema's definition of that part.
    static let places: [(definition: String, old: String, new: String)] = [
        ("definition", "title: Note\n", "title: Note\nxxxxxxxxxxxx: 1\n"),
        ("role", "{ initially: opener }", "{ xxxxxxxxxxxx: 1 }"),
        ("field", "text: { type: string }", "text: { xxxxxxxxxxxx: 1, type: string }"),
        ("event", "{ allow: [owner], form: [size]", "{ xxxxxxxxxxxx: 1, allow: [owner], form: [size]"),
        ("state", "done: { final: true }", "done: { xxxxxxxxxxxx: 1, final: true }"),
        ("clock", "goal: P1D, stop", "goal: P1D, xxxxxxxxxxxx: 1, stop"),
        ("condition", "{ in: drafting }", "{ in: drafting, xxxxxxxxxxxx: 1 }"),
        ("rung", "{ share: 50%,", "{ share: 50%, xxxxxxxxxxxx: 1,"),
        ("action", "{ set: { big: 'data.size > 9' } }", "{ xxxxxxxxxxxx: 1 }"),
        ("rootEvent", "clocks:\n", "on: { a: { xxxxxxxxxxxx: 1, in: [drafting], allow: [owner] } }\nclocks:\n"),
        ("child", "clocks:\n", "children: { a: { xxxxxxxxxxxx: 1, workflow: note, start: { in: done } } }\nclocks:\n"),
        ("decision", "clocks:\n", "decisions: { a: { xxxxxxxxxxxx: 1, hit: first, sets: [], rows: [] } }\nclocks:\n"),
        ("task", "done: { final: true }", "done: { tasks: { a: { xxxxxxxxxxxx: 1, from: [owner] } } }"),
        ("approval", "done: { final: true }", "done: { approvals: { a: { xxxxxxxxxxxx: 1, from: [owner] } } }"),
    ]

    @Test(arguments: places)
    func wordsAgree(definition: String, old: String, new: String) throws {
        let text = Example.clean.replacing(old, with: new)
        let fault = try #require(
            Definition.decode(text: text).faults.first { $0.code == .unknownKey && $0.message.contains("xxxxxxxxxxxx") }
        )
        #expect(try properties(of: definition) == words(in: try #require(fault.expected)))
    }

    @Test func wordsOfScenariosAgree() throws {
        func fault(_ text: String) throws -> String {
            let faults = Scenario.decode(Array(text.utf8), path: "s").faults
            return try #require(faults.first { $0.code == .unknownKey }?.expected)
        }
        let steps = "workflow: a\nscenario: b\nsteps:\n"
        #expect(try properties(of: "scenario") == words(in: fault(steps + "  - { at: +P1D }\nxxxxxxxxxxxx: 1\n")))
        #expect(try properties(of: "step") == words(in: fault(steps + "  - { xxxxxxxxxxxx: 1 }\n")))
    }

    private func properties(of definition: String) throws -> [String] {
        let bytes = try #require(Folders.bytes(Folders.library, "schema.json"))
        let schema = try JSON(parsing: bytes)
        return try #require(schema["$defs"]?[definition]?["properties"]?.objectValue).keys.sorted()
    }

    /// The words that a message lists in backquotes.
    private func words(in message: String) -> [String] {
        message.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }.sorted()
    }
}
