import Testing
import Workflows

@Suite("A new version says what it would take from running instances")
struct VersionTests {
    private static let old = """
        workflow: note
        title: Note
        reference: NOT
        roles: { owner: { initially: opener }, readers: { many: true } }
        data:
          type: object
          properties:
            text: { type: string }
            level: { type: string, enum: [low, high] }
            size: { type: integer }
        open: { form: [text, level, size, readers] }
        initial: drafting
        states:
          drafting:
            tasks: { read: { from: [readers] } }
            approvals: { agree: { from: [readers] } }
            on: { finish: { allow: [owner], target: done } }
          checking:
            on: { finish: { allow: [owner], target: done } }
          done: { final: true }
        clocks:
          finish: { start: { in: drafting }, goal: P1D, stop: { in: done } }
        children:
          part: { workflow: note, start: { in: drafting } }
        """

    static let changes: [(String, String, Fault.Code?)] = [
        ("  checking:\n", "  judging:\n", .upgradeState),
        ("level: { type: string, enum: [low, high] }", "level: { type: string, enum: [low, mid] }", .upgradeField),
        ("level: { type: string, enum: [low, high] }", "level: { type: string, enum: [low, mid, high] }", nil),
        ("size: { type: integer }", "size: { type: number }", nil),
        ("size: { type: integer }", "size: { type: string }", .upgradeField),
        ("size: { type: integer }", "width: { type: integer }", .upgradeField),
        ("text: { type: string }", "text: { type: string, format: date-time }", .upgradeField),
        ("  properties:\n    text", "  required: [text]\n  properties:\n    text", .upgradeField),
        ("readers: { many: true }", "readers: { }", .upgradeRole),
        ("readers: { many: true }", "audience: { many: true }", .upgradeRole),
        ("  finish: { start", "  end: { start", .upgradeClock),
        ("  part: { workflow: note", "  part: { workflow: other", .upgradeChild),
        ("  part: {", "  piece: {", .upgradeChild),
        ("tasks: { read: {", "tasks: { skim: {", .upgradeWork),
        (
            "approvals: { agree: { from: [readers] } }",
            "approvals: { agree: { from: [readers], each: '[1]', key: item } }", .upgradeWork
        ),
        ("title: Note", "title: Notes", nil),
    ]

    @Test(arguments: changes)
    func changesAreJudged(before: String, after: String, code: Fault.Code?) throws {
        let old = try #require(Definition.decode(text: Self.old).value)
        let new = try #require(Definition.decode(text: Self.old.replacing(before, with: after)).value)
        let faults = Definition.compare(old: old, new: new)
        #expect(Set(faults.map(\.code)) == Set(code.map { [$0] } ?? []), "\(faults)")
        #expect(faults.allSatisfy { $0.expected?.hasSuffix("for `upgrade`") == true })
    }

    @Test func aRenamedStateIsSuggested() throws {
        let old = try #require(Definition.decode(text: Self.old).value)
        let renamed = Self.old.replacing("  checking:\n", with: "  checkings:\n")
        let new = try #require(Definition.decode(text: renamed).value)
        #expect(Definition.compare(old: old, new: new).first?.suggestion == "checkings")
    }

    @Test func aStatutoryClockMayNotSilentlyBecomeAGoal() throws {
        let statutory = Self.old.replacing("goal: P1D", with: "rule: eu.gdpr.33-1")
        let old = try #require(Definition.decode(text: statutory).value)
        let new = try #require(Definition.decode(text: Self.old).value)
        #expect(Definition.compare(old: old, new: new).map(\.code) == [.upgradeClock])
        #expect(Definition.compare(old: new, new: old).isEmpty)
    }
}
