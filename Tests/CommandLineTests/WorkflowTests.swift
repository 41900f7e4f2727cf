import Foundation
import JSON
import TestSupport
import Testing

@Suite(.ownThread) struct WorkflowCommandTests {
    @Test func theLibraryPasses() throws {
        let run = try Binary.run(["workflows", "check"])
        #expect(run.status == 0, "\(run.output)")
        #expect(run.output.contains(" 0 errors"))
    }

    @Test func faultsHaveTheirPlaceAndExitWithOne() throws {
        try withDirectory { directory in
            let folder = directory.appendingPathComponent("broken")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let file = folder.appendingPathComponent("broken.yaml")
            try """
            workflow: broken
            title: Broken
            reference: BRK
            data: { type: object, properties: { name: { type: string } } }
            open: { form: [name] }
            initial: here
            states:
              here:
                on:
                  go: { target: nowhere, allow: [staff] }
            """.write(to: file, atomically: true, encoding: .utf8)
            let run = try Binary.run(["workflows", "check", folder.path])
            #expect(run.status == 1)
            #expect(run.output.contains("\(file.path):10:7: error:"), "\(run.output)")
            let json = try Binary.run(["workflows", "check", file.path, "--json"])
            #expect(json.status == 1)
            let fault = try JSON(parsing: json.output)["faults"]?.arrayValue?.first { $0["line"] == 10 }
            #expect(fault?["severity"] == "error")
        }
    }

    @Test func malformedAndHugeFilesAreRefused() throws {
        try withDirectory { directory in
            let file = directory.appendingPathComponent("x.yaml")
            for text in ["", "\t- x", "a: [", "workflow: !tag x", String(repeating: "a: 1 # filler\n", count: 800_000)]
            {
                try text.write(to: file, atomically: true, encoding: .utf8)
                let run = try Binary.run(["workflows", "check", file.path])
                #expect(run.status == 1)
                #expect(run.output.contains("x.yaml:"))
            }
            try Data([0x77, 0xFF, 0xFE, 0x0A]).write(to: file)
            #expect(try Binary.run(["workflows", "check", file.path]).status == 1)
        }
    }

    @Test func scenariosAreSimulated() throws {
        let run = try Binary.run(["simulate", "incident"])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("triage → responding"))
        let json = try Binary.run(["simulate", "post-mortem", "--json"])
        #expect(try JSON(parsing: json.output).arrayValue?.allSatisfy { $0["failures"] == [] } == true)
        #expect(try Binary.run(["simulate", "nothing"]).status == 2)
    }

    @Test func definitionsAreDrawnAndCompared() throws {
        #expect(try Binary.run(["workflows", "diagram", "incident"]).output.hasPrefix("digraph"))
        #expect(
            try Binary.run(["workflows", "diagram", "incident", "--format", "mermaid"]).output
                .contains("stateDiagram"))
        #expect(try Binary.run(["workflows", "diff", "incident", "incident"]).status == 0)
        #expect(try Binary.run(["workflows", "diff", "incident", "filing"]).status == 1)
    }
}
