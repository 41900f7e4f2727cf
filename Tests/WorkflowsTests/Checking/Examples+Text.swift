import Workflows

extension Example {
    static let text: [Example] = [
        Example(.yamlSyntax, "initial: drafting", "initial: 'drafting"),
        Example(.yamlDocuments, "clocks:", "---\nclocks:", mayShowMore: true),
        Example(.yamlTag, "'data.size > 9'", "!data.big", repair: "'!data.big'", mayShowMore: true),
        Example(.yamlAnchor, "title: Note", "title: &title Note"),
        Example(.yamlDuplicateKey, "title: Note", "title: Note\ntitle: Notes"),
        Example(.yamlKey, "title: Note", "title: {{data.text}}", mayShowMore: true),
        Example(.yamlNumber, "minimum: 0", "minimum: 99999999999999999999", mayShowMore: true),
        Example(.yamlDirective, "workflow: note", "%YAML 1.1\n---\nworkflow: note"),
        Example(.yamlTab, "  type: object", "\ttype: object"),
        Example(.yamlLeadingQuote, "'data.size > 9'", "\"a\" == data.text", repair: "'\"a\" == data.text'"),
        Example(
            .yamlConditional, "'data.size > 9'", "data.size > 9 ? true : false",
            repair: "'data.size > 9 ? true : false'"),
        Example(.yamlFlow, "'data.size > 9'", "max(1, data.size) > 9", mayShowMore: true),
        Example(
            .yamlBoolean, "text: { type: string }", "text: { type: string, enum: [yes, no] }",
            repair: "text: { type: string, enum: ['yes', 'no'] }"),
    ]

    static let words: [Example] = [
        Example(.wrongKind, "owner: { initially: opener }", "owner: opener", mayShowMore: true),
        Example(.unknownKey, "target: checked", "targt: checked", mayShowMore: true),
        Example(.missingKey, "reference: NOT\n", "\n"),
        Example(.missingValue, "title: Note", "title:"),
        Example(.conflictingKeys, "goal: P1D", "goal: P1D, until: data.checkedAt", mayShowMore: true),
        Example(.invalidName, "workflow: note", "workflow: My Note"),
        Example(.duplicateName, "form: [size]", "form: [size, size]"),
        Example(.invalidValue, "goal: P1D", "goal: 1 day", mayShowMore: true),
        Example(.invalidExpression, "'data.size > 9'", "'data.size >'", mayShowMore: true),
        Example(
            .missingAllow, "finish: { allow: [owner], form: [checkedAt], target: done }",
            "finish: { form: [checkedAt], target: done }", mayShowMore: true),
    ]

    static let names: [Example] = [
        Example(.unknownName, "'data.size > 9'", "'data.sise > 9'"),
        Example(.unusedName, "  gentle:", "  fierce: [{ after: P1D, notify: [owner] }]\n  gentle:"),
        Example(.wrongType, "'data.size > 9'", "'data.size + 9'"),
        Example(
            .unavailableName, "start: { in: drafting }", "start: { when: 'now > self.openedAt' }",
            repair: "start: { when: 'state == \"drafting\"' }"),
        Example(
            .optionalField, "form: [checkedAt], target: done",
            "form: [checkedAt], optional: [size], guard: "
                + "'event.name == \"x\" || before.checkedAt < now', target: done",
            repair: "form: [checkedAt], guard: '!has(before.checkedAt) || before.checkedAt < now', target: done"),
        Example(
            .readOnlyField, "big: { type: boolean, default: false }",
            "big: { type: boolean, compute: data.size > 3 }", repair: "big: { type: boolean }"),
        Example(
            .nestedRead, "form: [text] }",
            "form: [text], guard: 'related(related(\"note\")[0].state).size() == 0' }",
            repair: "form: [text], guard: 'related(\"note\").size() == 0' }"),
        Example(
            .groupLikeRole, "finish: { allow: [owner]", "finish: { allow: [owners]",
            repair: "finish: { allow: [staff]"),
    ]

    static let states: [Example] = [
        Example(
            .unreachableState, "  done: { final: true }",
            "  done: { final: true }\n  lost: { on: { end: { allow: [owner], target: done } } }",
            mayShowMore: true),
        Example(
            .stateWithoutEnd, "form: [checkedAt], target: done }", "form: [checkedAt] }", mayShowMore: true),
        Example(.finalState, "done: { final: true }", "done: { final: true, tasks: { read: { from: [owner] } } }"),
        Example(
            .alwaysCycle, "  checked:\n",
            "  again: { always: [{ guard: data.size < 7, target: checked }, { target: done }] }\n"
                + "  checked:\n    always: [{ guard: data.big, target: again }]\n",
            repair: "  again: { always: [{ guard: data.size < 7, target: drafting }, { target: done }] }\n"
                + "  checked:\n    always: [{ guard: data.big, target: again }]\n"),
        Example(
            .shadowedEdge, "form: [checkedAt], target: done",
            "form: [checkedAt], choose: [{ guard: data.size > 3, target: done }, { guard: data.size > 5, target: drafting }]",
            repair:
                "form: [checkedAt], choose: [{ guard: data.size > 5, target: drafting }, { guard: data.size > 3, target: done }]"
        ),
        Example(
            .alwaysNeverFires, "  checked:\n",
            "  checked:\n    always: [{ guard: data.size > 5 && data.size < 5, target: done }]\n",
            repair: "  checked:\n    always: [{ guard: data.size > 5 && data.size < 7, target: done }]\n"),
        Example(
            .selfTarget, "form: [checkedAt], target: done }",
            "form: [checkedAt], target: done }\n      again: { allow: [owner], target: checked }",
            repair:
                "form: [checkedAt], target: done }\n      again: { allow: [owner], target: checked, reenter: true }"
        ),
        Example(
            .ambiguousEvent, "clocks:", "on: { finish: { in: [checked], allow: [owner], target: done } }\nclocks:",
            repair: "on: { finish: { in: [drafting], allow: [owner], target: done } }\nclocks:"),
        Example(.requiresNotGiven, "open: { form: [text] }", "open: { optional: [size] }", mayShowMore: true),
    ]
}
