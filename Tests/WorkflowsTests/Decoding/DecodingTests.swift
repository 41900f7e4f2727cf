import Deadlines
import JSON
import Testing
import Workflows

@Suite("Definitions decode with every fault placed")
struct DecodingTests {
    private func faults(_ text: String) -> [String] {
        Definition.decode(text: text, path: "x.yaml").faults.map(\.description)
    }

    @Test func everyFaultIsReportedAtOnce() {
        let text = """
            workflow: Note
            titel: Note
            reference: note
            roles: { owner: { initialy: opener } }
            data: { type: object, properties: { text: { type: strin } } }
            open: {}
            initial: one
            states:
              one:
                on: { go: { target: two } }
                always: [{ guard: '1 +' }]
            """
        #expect(
            faults(text) == [
                "x.yaml:1:11: error: `Note` is no name here; expected a small letter, then small letters, digits or `-`, "
                    + "at most 64 [invalid-name]",
                "x.yaml:2:1: error: a definition has no key `titel`; did you mean `title`? [unknown-key]",
                "x.yaml:3:12: error: `note` is no name here; expected two to eight capital letters or digits, a letter "
                    + "first [invalid-name]",
                "x.yaml:4:19: error: a role has no key `initialy`; did you mean `initially`? [unknown-key]",
                "x.yaml:5:51: error: `strin` is not known here; expected one of `object`, `array`, `string`, `integer`, "
                    + "`number` or `boolean`; did you mean `string`? [invalid-value]",
                "x.yaml:10:11: error: nobody may send `go`; expected `allow` with roles, groups, `parent` or another "
                    + "sender [missing-allow]",
                "x.yaml:11:14: error: `target` is missing: an edge of `always` leads to another state [missing-key]",
                "x.yaml:11:27: error: expected a value, found the end [invalid-expression]",
            ])
    }

    @Test func fragmentsAreUnited() throws {
        let files = [
            "a/main.yaml": "workflow: m\nreference: MM\ninclude: [../b/one.yaml]\ndata: { type: object }\nopen: {}\n"
                + "initial: s\nstates: { s: { final: true } }\nescalations: { x: [{ after: PT0S, notify: [r] }] }\n",
            "b/one.yaml": "fragment: one\ninclude: [two.yaml]\nroles: { r: {} }\n",
            "b/two.yaml": "fragment: two\nescalations: { y: [{ after: PT1H, notify: [r] }] }\n",
        ]
        let decoded = Definition.decode("a/main.yaml") { files[$0].map { Array($0.utf8) } }
        let definition = try decoded.get()
        #expect(definition.escalations.map(\.name) == ["x", "y"])
        #expect(definition.escalations[1].position == SourcePosition(file: "b/two.yaml", line: 2, column: 16))
        #expect(definition.roles.map(\.name) == ["r"])
        #expect(decoded.files == ["a/main.yaml", "b/one.yaml", "b/two.yaml"])
    }

    @Test func aNameDefinedTwiceIsAFault() {
        let main =
            "workflow: m\nreference: MM\ninclude: [f.yaml]\nroles: { r: {} }\ndata: { type: object }\nopen: {}\n"
            + "initial: s\nstates: { s: { final: true } }\n"
        let fragment = "fragment: f\nroles:\n  r: { many: true }\n"
        let decoded = Definition.decode("m.yaml") { Array(($0 == "m.yaml" ? main : fragment).utf8) }
        #expect(
            decoded.faults.map(\.description) == [
                "f.yaml:3:3: error: `r` under `roles` is defined in m.yaml:4 already; nothing can be overridden "
                    + "[duplicate-name]"
            ])
        #expect(decoded.value?.roles.first?.many == false)
    }

    @Test func includesMayNotGoInCirclesOrLeaveTheTree() {
        let rest = "\nreference: MM\ndata: { type: object }\nopen: {}\ninitial: s\nstates: { s: { final: true } }\n"
        func codes(_ include: String, _ fragment: String) -> [Fault.Code] {
            let main = "workflow: m\ninclude: [\(include)]" + rest
            return Definition.decode("m.yaml") { path in
                path == "m.yaml" ? Array(main.utf8) : path == "f.yaml" ? Array(fragment.utf8) : nil
            }.faults.map(\.code)
        }
        #expect(codes("f.yaml", "fragment: f\ninclude: [f.yaml]\n") == [.includeCycle])
        #expect(codes("/etc/passwd", "") == [.invalidValue])
        #expect(codes("g.yaml", "") == [.unreadableFile])
        #expect(codes("f.yaml", "workflow: f\n") == [.missingKey, .unknownKey])
    }

    @Test func expressionsPointIntoTheFile() throws {
        let text = """
            workflow: m
            reference: MM
            data: { type: object }
            open:
              guard: |
                1 == 1
                  && 2 ==
            initial: s
            states: { s: { final: true } }
            """
        let fault = try #require(Definition.decode(text: text).faults.first)
        #expect((fault.line, fault.column) == (7, 14))
    }

    @Test func templatesHoldExpressions() throws {
        let text = """
            workflow: m
            reference: MM
            data: { type: object }
            open: {}
            initial: s
            states: { s: { final: true } }
            templates: { t: { subject: "a {{data.x}} b{{ self.reference }}", body: "{{1 +}} {{" } }
            """
        let decoded = Definition.decode(text: text)
        #expect(decoded.faults.map(\.column) == [78, 83])
        let fixed = Definition.decode(text: text.replacing("{{1 +}} {{", with: "plain"))
        let subject = try #require(fixed.value?.templates.first?.subject)
        let parts = subject.segments.map { segment in
            switch segment {
            case .text(let text): text
            case .formula(let formula): "<\(formula.source)@\(formula.position.column)>"
            }
        }
        #expect(parts == ["a ", "<data.x@33>", " b", "< self.reference @45>"])
    }

    @Test func nullUnsetsAndIsNotAnExpression() throws {
        let text = """
            workflow: m
            reference: MM
            data: { type: object, properties: { x: { type: string } } }
            open: { actions: [{ set: { x: null } }] }
            initial: s
            states: { s: { final: true } }
            """
        let definition = try Definition.decode(text: text).get()
        guard case .set(let assignments)? = definition.open.actions.first?.kind else {
            Issue.record("no `set`")
            return
        }
        #expect(assignments.first?.value == nil)
        #expect(Definition.decode(text: text.replacing("x: null", with: "x:")).faults.map(\.code) == [.wrongKind])
    }
}

@Suite("No file crashes the decoder")
struct DecoderRobustnessTests {
    @Test func mutatedDefinitions() throws {
        var random = Seeded(state: 11)
        let path = try #require(Folders.definitions(in: Folders.library).first { $0.contains("incident") })
        let seed = try #require(Folders.bytes(Folders.library, path))
        let alphabet = Array("\"'!&*?:-{}[],#|>% \n\r\\ax0().$".utf8)
        for _ in 0..<80 {
            var bytes = seed
            for _ in 0...Int.random(in: 0..<8, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[at] = alphabet.randomElement(using: &random) ?? 0
                case 1: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: at)
                case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1..<40, using: &random)))
                default: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 60)], at: at)
                }
            }
            let decoded = Definition.decode(path) { $0 == path ? bytes : Folders.bytes(Folders.library, $0) }
            let findings = decoded.value?.check() ?? []
            #expect((decoded.faults + findings).allSatisfy { $0.line >= 1 && $0.column >= 1 && $0.length >= 1 })
            _ = Scenario.decode(bytes, path: path)
        }
    }

    @Test(arguments: ["", "[]", "3", "workflow: x", "workflow: [x]\nstates: 3\nroles: []\ndata: x\non: y\nclocks: 1"])
    func wrongKindsAreFaults(text: String) {
        #expect(!Definition.decode(text: text).faults.isEmpty)
        #expect(!Scenario.decode(Array(text.utf8), path: "s.yaml").faults.isEmpty)
    }

    @Test func aFileOfTenMegabytesIsRefused() {
        let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 10 << 20)
        #expect(Definition.decode("x.yaml") { _ in bytes }.faults.map(\.code) == [.yamlSize])
    }
}

/// A generator with a seed, so that a failure can be repeated.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
