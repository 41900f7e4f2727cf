import Workflows

extension Example {
    private static func table(_ rows: String, hit: String = "unique") -> String {
        "decisions: { rate: { hit: \(hit), sets: [big], rows: [\(rows)] } }\ninitial: drafting"
    }

    private static let start = "initial: drafting"

    static let decisions: [Example] = [
        Example(
            .decisionOverlap, start,
            table("{ when: data.size > 5, then: { big: true } }, { when: data.size < 7, then: { big: false } }"),
            repair: table(
                "{ when: data.size > 5, then: { big: true } }, { when: data.size <= 5, then: { big: false } }")
        ).decidingInsteadOfSetting,
        Example(
            .decisionGap, start,
            table("{ when: data.size > 5, then: { big: true } }, { when: data.size < 5, then: { big: false } }"),
            repair: table(
                "{ when: data.size > 5, then: { big: true } }, { when: data.size <= 5, then: { big: false } }")
        ).decidingInsteadOfSetting,
        Example(
            .decisionUndecidable, start,
            table(
                "{ when: data.text.startsWith(\"a\"), then: { big: true } }, "
                    + "{ when: '!data.text.contains(\"a\")', then: { big: false } }"),
            repair: table(
                "{ when: data.text.startsWith(\"a\"), then: { big: true } }, "
                    + "{ when: '!data.text.startsWith(\"a\")', then: { big: false } }")
        ).decidingInsteadOfSetting,
    ]

    private static let other = """
        workflow: other
        title: Other
        reference: OTH
        roles: { owner: { initially: opener } }
        data:
          type: object
          properties: { size: { type: integer }, told: { type: string } }
        exports: [told]
        open: { allow: [parent], form: [size] }
        initial: open
        states:
          open: { on: { close: { allow: [owner], target: done } } }
          done: { final: true }
        on: { drop: { in: [open], allow: [parent], optional: [told], target: done } }
        clocks: { run: { start: { in: open }, goal: P1D, stop: { in: done } } }
        """

    private static let parent =
        other.replacing("workflow: other", with: "workflow: parent")
        .replacing("on: {", with: "on: { checked: { in: [open], allow: [child] },")
        + "\nchildren: { note: { workflow: note, start: { in: open }, with: { text: '\"a\"' } } }\n"

    private static func telling(_ event: String) -> String {
        "on: { a: { in: [checked], allow: [owner], actions: [{ send: { event: \(event), to: parent } }] } }\nclocks:"
    }

    private static func child(_ text: String) -> String { "children:\n  part: { \(text) }\nclocks:" }

    private static let sound = child(
        "workflow: other, start: { in: checked }, with: { size: data.size }, follow: { told: data.text }, drop: drop")

    private static func contract(_ code: Fault.Code, _ text: String) -> Example {
        Example(code, "clocks:", child(text), repair: sound, others: [other])
    }

    private static func reads(_ field: String) -> String { "children.part.items.exists(f, has(f.\(field)))" }

    private static func sending(_ event: String, with: String = "told: data.text") -> String {
        "on: { a: { in: [checked], allow: [owner], actions: "
            + "[{ send: { event: \(event), to: children.part, with: { \(with) } } }] } }\nclocks:"
    }

    private static func sendingToFound(_ event: String) -> String {
        "on: { a: { in: [checked], allow: [owner], actions: "
            + "[{ send: { event: \(event), to: 'related(\"other\").filter(o, !o.final)' } }] } }\nclocks:"
    }

    static let contracts: [Example] = [
        contract(.unknownWorkflow, "workflow: others, start: { in: checked }, with: { size: data.size }"),
        contract(.contractField, "workflow: other, start: { in: checked }"),
        contract(.contractField, "workflow: other, start: { in: checked }, with: { size: data.size, big: data.big }"),
        contract(
            .contractField,
            "workflow: other, start: { in: checked }, with: { size: data.size }, follow: { tell: data.text }"),
        contract(.contractType, "workflow: other, start: { in: checked }, with: { size: data.text }"),
        contract(.contractEvent, "workflow: other, start: { in: checked }, with: { size: data.size }, drop: lift"),
        contract(.contractSender, "workflow: other, start: { in: checked }, with: { size: data.size }, drop: close"),
        Example(
            .unknownName, "clocks:",
            sound.replacing(
                "clocks:", with: "on: { a: { in: [checked], allow: [owner], guard: '\(reads("size"))' } }\nclocks:"),
            repair: sound.replacing(
                "clocks:", with: "on: { a: { in: [checked], allow: [owner], guard: '\(reads("told"))' } }\nclocks:"),
            others: [other]),
        Example(
            .contractSender, "clocks:",
            sound.replacing("clocks:", with: sending("close")),
            repair: sound.replacing("clocks:", with: sending("drop")), others: [other]),
        Example(
            .contractEvent, "clocks:",
            sound.replacing("clocks:", with: sending("lift")),
            repair: sound.replacing("clocks:", with: sending("drop")), others: [other]),
        Example(
            .contractField, "clocks:",
            sound.replacing("clocks:", with: sending("drop", with: "tell: data.text")),
            repair: sound.replacing("clocks:", with: sending("drop")), others: [other]),
        Example(
            .contractType, "clocks:",
            sound.replacing("clocks:", with: sending("drop", with: "told: data.size")),
            repair: sound.replacing("clocks:", with: sending("drop")), others: [other]),
        // What a read finds has the exported fields, and is found by them.
        Example(
            .unknownWorkflow, "form: [text] }", "form: [text], guard: 'related(\"others\").size() == 0' }",
            repair: "form: [text], guard: 'related(\"other\").size() == 0' }", others: [other]),
        Example(
            .contractField, "form: [text] }",
            "form: [text], guard: 'related(\"other\").filter(o, !o.final).all(o, has(o.size))' }",
            repair: "form: [text], guard: 'related(\"other\").filter(o, !o.final).all(o, has(o.told))' }",
            others: [other]),
        Example(
            .contractField, "form: [text] }",
            "form: [text], guard: 'covering(\"other\", \"size\", [data.text]).size() == 0' }",
            repair: "form: [text], guard: 'covering(\"other\", \"told\", [data.text]).size() == 0' }", others: [other]),
        Example(
            .contractSender, "clocks:", sendingToFound("close"), repair: sendingToFound("poke"),
            others: [other.replacing("on: {", with: "on: { poke: { in: [open], allow: [connector] },")]),
        Example(
            .contractEvent, "clocks:", telling("chekced"), repair: telling("checked"), others: [parent]),
        Example(
            .contractSender, "{ share: 50%, notify: [owner] }", "{ share: 50%, notify: [owner], send: finish }"),
    ]
}
