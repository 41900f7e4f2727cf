import ArgumentParser
import Deadlines
import JSON

/// The command `reeve deadline`.
struct DeadlineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deadline",
        abstract: "Compute the deadline of a rule, step by step with its sources.",
        discussion: """
            Example: reeve deadline eu.gdpr.33-1 --from 2026-11-24T10:20:00+01:00 --zone Europe/Berlin --calendar de

            Two figures come out: `due` is the careful one, which Reeve enforces; `latest` is what the law would still \
            allow. An act before an instant is in time.
            """)

    @Argument(help: "Identifier of the rule, such as eu.gdpr.33-1; --list shows them.")
    var rule: String?

    @Option(help: ArgumentHelp("When the rule's first fact happened (RFC 3339).", valueName: "instant"))
    var from: String?

    @Option(help: ArgumentHelp("IANA time zone of the place, such as Europe/Berlin.", valueName: "zone"))
    var zone: String?

    @Option(help: ArgumentHelp("Calendar whose working days and holidays count, such as de.", valueName: "id"))
    var calendar: String?

    @Option(name: .customLong("fact"), help: ArgumentHelp("A further fact.", valueName: "name=instant"))
    var facts: [String] = []

    @Option(
        name: .customLong("input"),
        help: ArgumentHelp("Something else that the rule asks: true, false or a period.", valueName: "name=value"))
    var inputs: [String] = []

    @Option(
        name: .customLong("order"),
        help: ArgumentHelp("A suspension or delay order that the rule knows.", valueName: "kind=from/until"))
    var orders: [String] = []

    @Flag(help: "Show every step with its source, and the days of the period.")
    var explain = false

    @Flag(help: "List the rules.")
    var list = false

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var settings: SettingOptions

    func validate() throws {
        if list == (rule != nil) { throw ValidationError("Give the identifier of a rule, or --list.") }
    }

    func run() throws {
        let share = try Share(settings.load())
        do {
            let almanac = try share.almanac(try ZoneDatabase())
            if list { return listRules(almanac.rules) }
            let deadline = try almanac.request(self).deadline()
            try deadline.demandFigure()
            show(deadline)
        } catch let error as DeadlineError {
            throw Failure(error.description)
        }
    }

    private func listRules(_ rules: RuleLibrary) {
        if json { Console.write(rules.json) } else { Console.write(rules.table.trimmingBlanks) }
    }

    private func show(_ deadline: Deadline) {
        let report = DeadlineReport(deadline)
        if json { return Console.write(report.json) }
        let rule = deadline.request.rule
        let zone = deadline.request.zone
        Console.write("\(rule.id)  \(rule.title) (\(rule.source.article))")
        if let trigger = report.trigger { Console.write("from    \(trigger.rfc3339(in: zone))") }
        if let due = deadline.due {
            Console.write("due     \(due.rfc3339(in: zone))  \(due.words(in: zone))")
            if let latest = deadline.latest {
                Console.write("latest  \(latest.rfc3339(in: zone))  \(latest.words(in: zone))")
            }
        } else {
            Console.write("waits for \(deadline.waitingFor.joined(separator: ", "))")
            if let watch = deadline.watch { Console.write("expected by \(watch.rfc3339(in: zone))") }
        }
        if explain { Console.write("\n" + report.table() + "\n" + String(report.drawing.dropLast())) }
    }
}

extension Almanac {
    /// What the flags of the command ask for.
    fileprivate func request(_ command: DeadlineCommand) throws -> DeadlineRequest {
        let rule = try rules.rule(command.rule ?? "")
        guard let zone = command.zone ?? rule.zone else {
            throw Failure.usage("Give the place's time zone, for instance --zone Europe/Berlin.")
        }
        var facts: [String: [Instant]] = [:]
        if let from = command.from, let first = rule.facts.first { facts[first.name] = [try Instant(from)] }
        for text in command.facts {
            let (name, value) = try pair(text, of: "--fact")
            facts[name, default: []].append(try Instant(value))
        }
        guard !facts.isEmpty else {
            throw Failure.usage("Say when \"\(rule.facts.first?.name ?? "it")\" happened with --from INSTANT.")
        }
        var inputs: [String: InputValue] = [:]
        for text in command.inputs {
            let (name, value) = try pair(text, of: "--input")
            inputs[name] = try InputValue(value)
        }
        try rule.demandKnown(facts: Array(facts.keys), inputs: Array(inputs.keys))
        let place = try zones.zone(rule.zone ?? zone)
        var orders: [Order] = []
        for text in command.orders { orders.append(try Order(text, zone: place)) }
        return try request(
            rule: rule.id, facts: facts, inputs: inputs, orders: orders, zone: zone, calendar: command.calendar)
    }

    private func pair(_ text: String, of flag: String) throws(Failure) -> (String, String) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw .usage("\(flag) takes NAME=VALUE, found \"\(text)\"") }
        return (parts[0], parts[1])
    }
}
