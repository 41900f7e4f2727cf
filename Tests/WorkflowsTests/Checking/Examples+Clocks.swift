import Workflows

extension Example {
    private static let clock = "finish: { start: { in: drafting }, goal: P1D, stop: { in: done }, escalation: gentle }"

    static let clocks: [Example] = [
        Example(
            .stateWithoutClock, clock,
            "finish: { start: { in: checked }, goal: P1D, stop: { in: done }, escalation: gentle }"
        ),
        Example(
            .clockNeverStarts, clock,
            "\(clock)\n  never: { start: { when: data.big && !data.big }, goal: P1D, cancel: { in: done } }",
            repair: "\(clock)\n  never: { start: { when: data.big }, goal: P1D, cancel: { in: done } }"),
        Example(.clockNeverStops, clock, "finish: { start: { in: drafting }, goal: P1D, escalation: gentle }"),
        Example(
            .clockNeverStops, "  done: { final: true }",
            "  done: { final: true }\n  dropped: { final: true }\non: { drop: { in: [drafting], allow: [owner], target: dropped } }",
            repair: "  done: { final: true }\non: { drop: { in: [drafting], allow: [owner], target: done } }"),
        Example(
            .clockExemptionMet,
            "  done: { final: true }\nclocks:\n  finish: { start: { in: drafting }, goal: P1D, stop: { in: done }",
            "  done: { final: true }\n  exempt: { final: true }\n"
                + "on: { exempt: { in: [drafting], allow: [owner], target: exempt } }\n"
                + "clocks:\n  finish: { start: { in: drafting }, goal: P1D, stop: { in: [done, exempt] }",
            repair: "  done: { final: true }\n  exempt: { final: true }\n"
                + "on: { exempt: { in: [drafting], allow: [owner], target: exempt } }\n"
                + "clocks:\n  finish: { start: { in: drafting }, goal: P1D, stop: { in: done }, cancel: { in: exempt }"),
        Example(
            .clockPausesForever, clock,
            "\(clock)\n  held: { start: { in: drafting }, goal: P1D, pause: { in: [drafting, checked] }, stop: { in: done } }",
            repair:
                "\(clock)\n  held: { start: { in: drafting }, goal: P1D, pause: { in: checked }, stop: { in: done } }"),
        Example(
            .clockPausesForever, clock,
            "\(clock)\n  held: { start: { in: drafting }, goal: P1D, pause: { when: data.big || !data.big }, stop: { in: done } }",
            repair:
                "\(clock)\n  held: { start: { in: drafting }, goal: P1D, pause: { when: data.big }, stop: { in: done } }"
        ),
        Example(
            .clockPausesForever, clock,
            "\(clock)\n  held: { start: { in: drafting }, goal: P1D, pause: { on: check }, stop: { in: done } }",
            repair:
                "\(clock)\n  held: { start: { in: drafting }, goal: P1D, pause: { in: checked }, stop: { in: done } }"),
        Example(
            .clockMutualWait, clock,
            "\(clock)\n  a: { start: { in: drafting }, goal: P1D, stop: { when: '!clocks.b.running' } }\n"
                + "  b: { start: { in: drafting }, goal: P1D, stop: { when: '!clocks.a.running' } }",
            repair: "\(clock)\n  a: { start: { in: drafting }, goal: P1D, stop: { when: '!clocks.b.running' } }\n"
                + "  b: { start: { in: drafting }, goal: P1D, stop: { in: done } }"),
        Example(
            .statutoryPause, clock,
            "finish: { start: { in: drafting }, rule: eu.gdpr.33-1, pause: { in: checked }, stop: { in: done }, escalation: gentle }",
            repair: "finish: { start: { in: drafting }, rule: eu.gdpr.33-1, stop: { in: done }, escalation: gentle }",
            mayShowMore: true),
        Example(
            .statutoryLadder, clock, "finish: { start: { in: drafting }, rule: eu.gdpr.33-1, stop: { in: done } }",
            repair: "finish: { start: { in: drafting }, rule: eu.gdpr.33-1, stop: { in: done }, escalation: gentle }",
            mayShowMore: true),
        Example(.ladderWithoutManager, "notify: [manager of owner]", "notify: [lead of owner]"),
    ]

    static let people: [Example] = [
        Example(
            .roleNobodyHolds, "owner: { initially: opener }\n", "owner: { initially: opener }\n  reader: {}\n",
            repair: "owner: { initially: opener }\n  reader: { initially: opener }\n"
        ).alsoReplacing("finish: { allow: [owner]", with: "finish: { allow: [reader]"),
        Example(
            .approvalNobodyGives, "  checked:\n",
            "  checked:\n    approvals: { agree: { from: [owner], quorum: 2 } }\n",
            repair: "  checked:\n    approvals: { agree: { from: [owner], quorum: 1 } }\n"),
        // The same person in two roles has one vote.
        Example(
            .approvalNobodyGives, "owner: { initially: opener }\n",
            "owner: { initially: opener }\n  second: { initially: opener }\n",
            repair: "owner: { initially: opener }\n  second: { from: [staff], many: true }\n"
        ).alsoReplacing(
            "  checked:\n", with: "  checked:\n    approvals: { agree: { from: [owner, second], quorum: 2 } }\n"),
        Example(
            .approvalNobodyGives, "  checked:\n",
            "  checked:\n    approvals: { agree: { who: '[\"ana\", \"ben\", \"ana\"]', quorum: 3 } }\n",
            repair: "  checked:\n    approvals: { agree: { who: '[\"ana\", \"ben\", \"eve\"]', quorum: 3 } }\n"),
        Example(
            .approvalNobodyGives, "  checked:\n",
            "  checked:\n    approvals: { agree: { who: data.text, quorum: 2 } }\n",
            repair: "  checked:\n    approvals: { agree: { who: data.text } }\n"),
        // Nobody is left after separation of duties: the only judge is whoever has drafted.
        Example(
            .approvalNobodyGives, "owner: { initially: opener }\n",
            "owner: { initially: opener }\n  drafter: { distinctFrom: [owner] }\n",
            repair: "owner: { initially: opener }\n  drafter: {}\n", mayShowMore: true
        ).alsoReplacing("check: { allow: [owner],", with: "check: { allow: [owner], takes: drafter,")
            .alsoReplacing("  checked:\n", with: "  checked:\n    approvals: { agree: { from: [owner] } }\n"),
        Example(
            .roleNobodyHolds, "open: { form: [text] }", "open: { allow: [owner, reader], form: [text] }",
            repair: "open: { allow: [owner, reader], form: [text, reader] }"
        ).alsoReplacing("owner: { initially: opener }\n", with: "owner: { initially: opener }\n  reader: {}\n"),
        Example(
            .roleNobodyHolds, "owner: { initially: opener }\n", "owner: { initially: opener }\n  reader: {}\n",
            repair: "owner: { initially: opener }\n  reader: { initially: opener }\n"
        ).alsoReplacing("clocks:\n", with: "correct: { size: { allow: [reader] } }\nclocks:\n"),
        Example(
            .roleBothSides, "owner: { initially: opener }\n",
            "owner: { initially: opener }\n  checker: { from: [staff], distinctFrom: [owner] }\n",
            repair: "owner: { initially: opener }\n  checker: { from: [staff] }\n"
        ).alsoReplacing("finish: { allow: [owner]", with: "finish: { allow: [owner], takes: checker"),
    ]
}
