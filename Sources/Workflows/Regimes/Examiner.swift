import CEL
import JSON

/// Examines single obligations of a case.
struct Examiner {
    /// One for whom an obligation is examined.
    struct Subject {
        var entity: CEL.Value
        var counterparty: CEL.Value?
        var jurisdiction: CEL.Value?

        /// What tells it apart within an obligation.
        var key: [String] {
            [entity, jurisdiction, counterparty].compactMap { party in
                (party?.member("id") ?? party?.member("jurisdiction"))?.stringValue
            }
        }
    }

    let facts: CEL.Value
    /// The elements of `affected`; nil while nobody has said who is affected.
    let affected: [CEL.Value]?
    private let entities: [CEL.Value]
    private let counterparties: [CEL.Value]

    init(facts: CEL.Value, parties: Parties) {
        self.facts = facts
        affected = facts.member("affected")?.listValue
        let all = parties.of(.entity)
        let involved = facts.member("entities")?.listValue
        // Without entities in the directory the duties are those of somebody of whom nothing is known.
        entities = all.isEmpty ? [.map(MapValue(fields: []))] : all.filter { involved?.contains($0.identifier) ?? true }
        counterparties = parties.of(.counterparty)
    }

    func subjects(of obligation: Regime.Obligation) -> [Subject] {
        switch obligation.subject {
        case .entity: entities.map { Subject(entity: $0) }
        case .jurisdiction:
            entities.flatMap { entity in
                affected(in: obligation.covers).uniqued(by: "jurisdiction").map {
                    Subject(entity: entity, jurisdiction: $0)
                }
            }
        case .counterparty:
            entities.flatMap { entity in
                counterparties.filter { $0.member("entity") == entity.member("id") }
                    .map { Subject(entity: entity, counterparty: $0) }
            }
        }
    }

    func finding(
        _ obligation: Regime.Obligation, of regime: String, _ subject: Subject, _ standing: Examination.Verdict?,
        authorities: [CEL.Value]
    ) -> Examination.Finding {
        let names = names(obligation, subject, authorities)
        var finding = Examination.Finding(
            regime: regime, obligation: obligation, subject: subject.key, verdict: .applies, reasons: [])
        judge(&finding, names)
        if finding.verdict.isOpen, let standing {
            finding.verdict = standing
            finding.reasons = [
                standing == .draft
                    ? "Its rules are drafts, which the tenant has not switched on." : "Its rules are not in force."
            ]
        }
        if finding.verdict.isOpen { open(&finding, subject, names) }
        return finding
    }

    /// Weighs the conditions: one that fails decides, one that cannot be judged leaves it provisional.
    private func judge(_ finding: inout Examination.Finding, _ names: Bindings) {
        var unknown: [String] = []
        for condition in finding.obligation.applies {
            switch condition.when.truth(names) {
            case true?: finding.reasons += condition.because.map { [$0.text(names)] } ?? []
            case false?:
                finding.verdict = .doesNotApply
                let reason = condition.otherwise ?? condition.because
                finding.reasons = [
                    condition.otherwise?.text(names) ?? reason.map { "Not so: \($0.text(names))" }
                        ?? "False: \(condition.when.formula.source)."
                ]
                return
            case nil: unknown.append(condition.because?.text(names) ?? condition.when.formula.source)
            }
        }
        for exemption in finding.obligation.exempt where exemption.when.truth(names) == true {
            finding.verdict = .exempt
            finding.reasons = [exemption.because?.text(names) ?? exemption.when.formula.source]
            return
        }
        guard !unknown.isEmpty else { return }
        finding.verdict = .provisional
        finding.reasons += unknown.map { "Not known yet whether this holds: \($0)" }
    }

    /// Makes one obligation for each recipient.
    private func open(_ finding: inout Examination.Finding, _ subject: Subject, _ names: Bindings) {
        let obligation = finding.obligation
        var recipients: [CEL.Value?] = [nil]
        if let formula = obligation.recipients {
            let found = (formula.value(names)?.listValue ?? []).uniqued(by: "id")
            if found.isEmpty {
                finding.verdict = .provisional
                finding.reasons.append("The directory names no recipient for it.")
            } else {
                recipients = found
            }
        }
        let stages = obligation.stages.filter { $0.when?.truth(names) != false }.map { $0.value(names) }
        finding.opened = recipients.map { recipient in
            let key = [obligation.id] + subject.key + [recipient?.member("id")?.stringValue].compactMap { $0 }
            let title = recipient?.member("title")?.stringValue ?? obligation.recipient.text(names)
            let place = place(of: obligation, recipient, subject)
            var fields: [(String, CEL.Value)] = [
                ("id", .string(key.joined(separator: ":"))), ("regime", .string(finding.regime)),
                ("title", .string(obligation.title)), ("recipient", .string(title)), ("stages", .list(stages)),
                ("provisional", .bool(finding.verdict == .provisional)),
                ("why", .string(finding.reasons.joined(separator: " "))),
            ]
            fields.add("entity", subject.entity.member("id"))
            fields.add("zone", place.zone)
            fields.add("calendar", place.calendar)
            return .map(MapValue(fields: fields))
        }
    }

    /// Where the act is to be performed: where the directory says that the recipient sits, else where the regime says,
    /// else where the entity sits.
    private func place(
        of obligation: Regime.Obligation, _ recipient: CEL.Value?, _ subject: Subject
    ) -> (zone: CEL.Value?, calendar: CEL.Value?) {
        if let recipient, let zone = recipient.member("zone") {
            return (zone, recipient.member("calendar") ?? recipient.member("jurisdictions")?.listValue?.first)
        }
        if let place = obligation.place {
            return (.string(place.zone), place.calendar.map { .string($0) })
        }
        let entity = subject.entity
        return (entity.member("zone"), entity.member("calendar") ?? entity.member("country"))
    }

    /// The codes of all affected jurisdictions, each once, in the order in which they were named.
    var jurisdictions: [String] {
        (affected ?? []).compactMap { $0.member("jurisdiction")?.stringValue }.uniqued()
    }

    /// The elements of `affected` that lie in some jurisdictions.
    func affected(in covers: Jurisdictions) -> [CEL.Value] {
        (affected ?? []).filter { $0.member("jurisdiction")?.stringValue.map(covers.contains) == true }
    }

    /// What formulas see; what is not known is absent, so that a formula which needs it has no value.
    private func names(_ obligation: Regime.Obligation, _ subject: Subject, _ authorities: [CEL.Value]) -> Bindings {
        var names: [String: CEL.Value] = [
            "data": facts, "entity": subject.entity, "authorities": .list(authorities),
            "covers": .list(obligation.covers.codes.map { .string($0) }),
            "union": .list(Jurisdictions.union.map { .string($0) }),
        ]
        names["counterparty"] = subject.counterparty
        names["jurisdiction"] = subject.jurisdiction
        guard affected != nil else { return Bindings(names) }
        let residents =
            subject.jurisdiction.map { only in
                affected(in: obligation.covers).filter { $0.member("jurisdiction") == only.member("jurisdiction") }
            } ?? (obligation.covers.isEmpty ? affected ?? [] : affected(in: obligation.covers))
        names["affected"] = .list(residents)
        let range = residents.people
        names["least"] = .int(range.low)
        if let high = range.high { names["people"] = .int(high) }
        let kinds = residents.map { $0.member("kinds")?.listValue }
        if !kinds.contains(nil) { names["kinds"] = .list(kinds.flatMap { $0 ?? [] }.uniqued()) }
        return Bindings(names)
    }
}

extension Regime.Stage {
    /// The stage as fields with `$ref: regimes/stage` hold it.
    fileprivate func value(_ names: Bindings) -> CEL.Value {
        let inputs = inputs.compactMap { input in
            input.value.value(names).map { value -> CEL.Value in
                ["name": .string(input.name), "value": .string(value.inputText)]
            }
        }
        var fields: [(String, CEL.Value)] = [
            ("id", .string(id)), ("title", .string(title)), ("rule", .string(rule)), ("after", .string(after)),
            ("checklist", .string(checklist)), ("inputs", .list(inputs)),
        ]
        if isOnRequest { fields.append(("onRequest", true)) }
        if let recipient { fields.append(("recipient", .string(recipient.text(names)))) }
        return .map(MapValue(fields: fields))
    }
}

extension Regime.Predicate {
    /// The value; nil where something it needs is not known.
    func value(_ names: Bindings) -> CEL.Value? { try? program.evaluate(names) }

    /// Whether it holds; nil where that is not known.
    func truth(_ names: Bindings) -> Bool? {
        guard case .bool(let truth)? = value(names) else { return nil }
        return truth
    }
}

extension Regime.Sentence {
    /// The text; what is not known leaves a question mark.
    func text(_ names: Bindings) -> String {
        segments.map { segment in
            switch segment {
            case .text(let text): text
            case .value(let predicate): predicate.value(names)?.words ?? "?"
            }
        }.joined()
    }
}

extension CEL.Value {
    fileprivate var identifier: CEL.Value { member("id") ?? .null }

    /// A rule's input as it is written: `true`, `false` or a period.
    fileprivate var inputText: String {
        if case .bool(let truth) = self { return truth ? "true" : "false" }
        return words
    }
}

extension [CEL.Value] {
    /// Of those with the same member the first.
    fileprivate func uniqued(by member: String) -> [CEL.Value] {
        var seen: [CEL.Value] = []
        return filter { element in
            guard let value = element.member(member) else { return true }
            if seen.contains(value) { return false }
            seen.append(value)
            return true
        }
    }

    /// How many people elements of `affected` are; thresholds use the upper end, which one missing number leaves
    /// unknown.
    var people: (low: Int64, high: Int64?) {
        var range: (low: Int64, high: Int64?) = (0, 0)
        for element in self {
            range.low += element.member("low")?.intValue ?? 0
            if let sum = range.high { range.high = element.member("high")?.intValue.map { sum + $0 } }
        }
        return range
    }
}

extension [(String, CEL.Value)] {
    fileprivate mutating func add(_ name: String, _ value: CEL.Value?) {
        if let value { append((name, value)) }
    }
}
