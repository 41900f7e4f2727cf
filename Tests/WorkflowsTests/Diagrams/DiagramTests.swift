import Foundation
import Testing
import Workflows

@Suite("Definitions are drawn")
struct DiagramTests {
    private let definition = Definition.decode(
        text: """
            workflow: note
            title: 'A "note"'
            reference: NOT
            roles: { owner: { initially: opener } }
            data: { type: object, properties: { text: { type: string } } }
            open: { form: [text] }
            initial: drafting
            states:
              drafting:
                on:
                  save: { allow: [owner], form: [text] }
                  finish: { allow: [owner], target: checking, guard: 'data.text != "draft"' }
              checking:
                approvals: { check: { from: [owner], quorum: 2 } }
                always: [{ guard: approvals.check.granted, target: done }, { target: drafting }]
              done: { final: true }
            clocks:
              draft: { start: { in: drafting }, goal: PT8H, stop: { in: done }, escalation: gentle }
            escalations:
              gentle: [{ share: 50%, notify: [owner] }, { after: P1D, notify: [manager of owner] }]
            """
    ).value

    @Test func graphvizHasStatesEdgesAndNotes() throws {
        let expected = #"""
            digraph "note" {
              label="A \"note\""; labelloc=t; rankdir=TB; fontname="Helvetica";
              node [shape=box, style=rounded, fontname="Helvetica", fontsize=11];
              edge [fontname="Helvetica", fontsize=9];
              "(start)" [shape=point, label=""];
              "drafting" [label="Drafting\n↺ save\lclock draft PT8H\l  gentle: 50% +P1D\l"];
              "checking" [label="Checking\napproval check (2)\l"];
              "done" [label="Done", peripheries=2];
              "(start)" -> "drafting";
              "drafting" -> "checking" [label="finish [data.text != \"draft\"]"];
              "checking" -> "done" [label="[approvals.check.granted]", style=dashed];
              "checking" -> "drafting" [label="", style=dashed];
            }

            """#
        #expect(try #require(definition).graphviz == expected)
    }

    @Test func mermaidHasStatesEdgesAndNotes() throws {
        let expected = """
            ---
            title: "A 'note'"
            ---
            stateDiagram-v2
              state "Drafting" as s0
              state "Checking" as s1
              state "Done" as s2
              [*] --> s0
              s0 --> s1 : finish [data.text != 'draft']
              s1 --> s2 : always [approvals.check.granted]
              s1 --> s0 : always
              note right of s0
                ↺ save
                clock draft PT8H
                  gentle#58; 50% +P1D
              end note
              note right of s1
                approval check (2)
              end note
              s2 --> [*]

            """
        #expect(try #require(definition).mermaid == expected)
    }

    @Test(arguments: Folders.definitions(in: Folders.library))
    func graphvizAcceptsTheLibrary(path: String) throws {
        let dot = URL(filePath: "/usr/bin/dot")
        guard FileManager.default.isExecutableFile(atPath: dot.path) else {
            print("skipped: Graphviz is not installed")
            return
        }
        let definition = try #require(Folders.decode(path, in: Folders.library).value)
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).dot")
        try Data(definition.graphviz.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = dot
        process.arguments = ["-Tsvg", "-o", "/dev/null", file.path]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) == "")
    }
}
