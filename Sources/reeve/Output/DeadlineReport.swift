import Deadlines
import JSON

/// A computed deadline for people and programs.
struct DeadlineReport {
    private let deadline: Deadline

    /// Lays out a deadline.
    init(_ deadline: Deadline) {
        self.deadline = deadline
    }

    /// Prints it.
    func show(json: Bool, explain: Bool) {
        if json { return Console.write(document) }
        Console.write(figures)
        if explain { Console.write("\n" + steps) }
    }

    private var zone: Zone { deadline.request.zone }
    private var rule: Rule { deadline.request.rule }

    /// The instant of the first fact that is known.
    private var trigger: Instant? {
        rule.facts.lazy.compactMap { deadline.request.facts[$0.name]?.min() }.first
    }

    private var document: JSON {
        var document: JSONObject = [
            "rule": .string(rule.id), "title": .string(rule.title), "trigger": instant(trigger),
            "due": instant(deadline.due), "latest": instant(deadline.latest),
        ]
        if deadline.due == nil {
            document["waitingFor"] = .array(deadline.waitingFor.map(JSON.string))
            document["watch"] = instant(deadline.watch)
        }
        document["trace"] = .array(
            deadline.trace.map { step in
                ["step": .string(step.step), "source": .string(step.source), "result": .string(step.result)]
            })
        document["versions"] = .object(
            JSONObject(deadline.versions.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        return .object(document)
    }

    private func instant(_ instant: Instant?) -> JSON { instant.map { .string($0.rfc3339(in: zone)) } ?? .null }

    private var figures: String {
        var lines = ["\(rule.id)  \(rule.title) (\(rule.source.article))"]
        if let trigger { lines.append("from    \(trigger.rfc3339(in: zone))") }
        if let due = deadline.due {
            lines.append("due     \(due.rfc3339(in: zone))  \(due.words(in: zone))")
            if let latest = deadline.latest {
                lines.append("latest  \(latest.rfc3339(in: zone))  \(latest.words(in: zone))")
            }
        } else {
            lines.append("waits for \(deadline.waitingFor.joined(separator: ", "))")
            if let watch = deadline.watch { lines.append("expected by \(watch.rfc3339(in: zone))") }
        }
        return lines.joined(separator: "\n")
    }

    private var steps: String {
        var table = Table("STEP", "SOURCE", "RESULT")
        for step in deadline.trace { table.add(step.step, step.source, step.result) }
        return table.text
    }
}

/// The rules for people and programs.
struct RuleList {
    private let rules: [Rule]

    /// Lays out rules.
    init(_ rules: [Rule]) {
        self.rules = rules
    }

    /// Prints them.
    func show(json: Bool) {
        if json {
            Console.write(.array(rules.map(document)))
            return
        }
        var table = Table("RULE", "LENGTH", "FROM", "TO", "STATUS", "TITLE")
        for rule in rules {
            table.add(
                rule.id, rule.length.map { "\($0)" } ?? "as agreed", rule.facts.map(\.name).joined(separator: ", "),
                rule.recipient, rule.status.rawValue, rule.title)
        }
        Console.write(table.text)
    }

    private func document(_ rule: Rule) -> JSON {
        [
            "rule": .string(rule.id), "title": .string(rule.title),
            "length": rule.length.map { .string("\($0)") } ?? .null,
            "facts": .array(rule.facts.map { .string($0.name) }), "recipient": .string(rule.recipient),
            "status": .string(rule.status.rawValue), "source": .string(rule.source.article),
            "link": rule.source.link.map(JSON.string) ?? .null,
        ]
    }
}
