import CEL
import Deadlines
import YAML

extension RegimeLibrary {
    /// Reads regimes from files such as `workflows/regimes/eu.gdpr.yaml`.
    ///
    /// - Parameters:
    ///   - paths: the files in the order of reading.
    ///   - file: the bytes of a file; nil where there is none or it cannot be read.
    /// - Returns: the regimes as far as they could be understood, with every fault found.
    public static func decode(_ paths: [String], file: (String) -> [UInt8]?) -> Decoded<RegimeLibrary> {
        let log = FaultLog()
        let decoder = RegimeDecoder(log: log)
        var regimes: [Regime] = []
        for path in paths {
            guard let bytes = file(path) else {
                let start = SourcePosition(file: path, line: 1, column: 1)
                log.report(.unreadableFile, at: start, "`\(path)` cannot be read")
                continue
            }
            let (root, problems) = YAML.read(bytes)
            for problem in problems {
                let place = SourcePosition(file: path, line: problem.line, column: problem.column)
                log.report(.yamlSyntax, at: place, length: problem.length, problem.message)
            }
            if let root, let regime = decoder.regime(Element(node: root, file: path)) { regimes.append(regime) }
        }
        decoder.refuseDuplicates(in: regimes)
        return Decoded(value: RegimeLibrary(regimes), faults: log.sorted, files: paths)
    }
}

/// Turns the trees of regime files into regimes and reports all that does not fit.
private final class RegimeDecoder {
    /// Keys of the file; the last line's are for the rules of deadlines.
    static let keys = [
        "regime", "title", "covers", "retention", "obligations", "checklists", "thresholds", "place",
        "verified", "link", "counting", "calendar", "rules",
    ]

    private let log: FaultLog
    private let words: DefinitionDecoder
    private var places: [String: SourcePosition] = [:]

    init(log: FaultLog) {
        self.log = log
        words = DefinitionDecoder(log: log)
    }

    func regime(_ element: Element) -> Regime? {
        guard let record = Record(element, "a regime", keys: Self.keys, log: log),
            let id = text("regime", of: record, "its identifier, such as `eu.gdpr`"),
            let title = text("title", of: record, "the title that people see")
        else { return nil }
        var regime = Regime(id: id, title: title)
        regime.covers = Jurisdictions(codes(record["covers"]))
        if let element = record["retention"], let text = words.text(element) {
            if (try? Period(text)) == nil { words.invalid(element, "`\(text)` is no ISO 8601 duration such as P5Y") }
            regime.retention = text
        }
        regime.checklists = words.named(record["checklists"], "checklist", pattern: .dotted).compactMap(checklist)
        let place = record["place"].flatMap(place)
        regime.obligations = record["obligations"]?.elements.compactMap { obligation($0, regime.covers, place) } ?? []
        regime.thresholds = record["thresholds"]?.elements.compactMap { threshold($0, regime.covers) } ?? []
        return regime
    }

    /// A place by its zone and calendar.
    private func place(_ element: Element) -> Regime.Place? {
        guard let record = Record(element, "a place", keys: ["zone", "calendar"], log: log),
            let zone = text("zone", of: record, "an IANA zone such as Europe/Berlin")
        else { return nil }
        return Regime.Place(zone: zone, calendar: record["calendar"].flatMap { words.text($0) })
    }

    private func obligation(
        _ element: Element, _ covers: Jurisdictions, _ place: Regime.Place?
    ) -> Regime.Obligation? {
        let keys = [
            "id", "title", "for", "covers", "except", "recipient", "recipients", "applies", "exempt", "counsel",
            "place", "stages",
        ]
        guard let record = Record(element, "an obligation", keys: keys, log: log),
            let id = text("id", of: record, "an identifier within the library"),
            let title = text("title", of: record, "the title that people see")
        else { return nil }
        guard let recipient = record["recipient"].flatMap(sentence) else {
            words.missing("recipient", in: record, "to whom it is owed")
            return nil
        }
        guard let applies = record["applies"] else {
            words.missing("applies", in: record, "when it applies, as CEL or a list of `{ when, because, else }`")
            return nil
        }
        guard let stages = record["stages"]?.elements.compactMap(stage), !stages.isEmpty else {
            words.missing("stages", in: record, "what is filed, at least one stage")
            return nil
        }
        for stage in stages where !stage.after.isEmpty && !stages.contains(where: { $0.id == stage.after }) {
            log.report(.unknownName, at: element.position, "no stage here is called `\(stage.after)`")
        }
        places[id] = element.position
        let named = record["covers"].map { codes($0) } ?? covers.codes
        return Regime.Obligation(
            id: id, title: title, subject: record["for"].flatMap { words.choice($0, Subject.self) } ?? .entity,
            covers: Jurisdictions(named, except: codes(record["except"])), recipient: recipient,
            recipients: record["recipients"].flatMap(predicate), applies: conditions(applies),
            exempt: record["exempt"].map(conditions) ?? [],
            needsCounsel: record["counsel"].flatMap { words.boolean($0) } ?? false,
            place: record["place"].map(self.place) ?? place, stages: stages)
    }

    private typealias Subject = Regime.Obligation.Subject

    /// CEL, or a list of `{ when, because, else }`.
    private func conditions(_ element: Element) -> [Regime.Condition] {
        guard element.node.sequence != nil else {
            return predicate(element).map { [Regime.Condition(when: $0)] } ?? []
        }
        return element.elements.compactMap { element in
            guard let record = Record(element, "a condition", keys: ["when", "because", "else"], log: log) else {
                return nil
            }
            guard let when = record["when"] else {
                words.missing("when", in: record, "CEL over the names of regimes")
                return nil
            }
            return predicate(when).map {
                Regime.Condition(
                    when: $0, because: record["because"].flatMap(sentence), otherwise: record["else"].flatMap(sentence))
            }
        }
    }

    private func stage(_ element: Element) -> Regime.Stage? {
        let keys = ["id", "title", "recipient", "when", "rule", "inputs", "after", "onRequest", "checklist"]
        guard let record = Record(element, "a stage", keys: keys, log: log),
            let id = text("id", of: record, "an identifier within the obligation"),
            let title = text("title", of: record, "the title that people see"),
            let rule = text("rule", of: record, "the rule that computes its deadline"),
            let checklist = text("checklist", of: record, "the checklist of what it must contain")
        else { return nil }
        let after = record["after"].flatMap { words.text($0) } ?? ""
        let inputs = record["inputs"]?.entries.compactMap { entry in
            predicate(entry.value).map { (name: entry.name, value: $0) }
        }
        return Regime.Stage(
            id: id, title: title, recipient: record["recipient"].flatMap(sentence),
            when: record["when"].flatMap(predicate), rule: rule, inputs: inputs ?? [], after: after,
            isOnRequest: record["onRequest"].flatMap { words.boolean($0) } ?? false, checklist: checklist)
    }

    private func threshold(_ element: Element, _ covers: Jurisdictions) -> Regime.Threshold? {
        guard let record = Record(element, "a threshold", keys: ["title", "covers", "from"], log: log),
            let title = text("title", of: record, "what begins at this number")
        else { return nil }
        guard let from = record["from"].flatMap({ words.integer($0, 1...1_000_000_000) }) else {
            words.missing("from", in: record, "the number of people from which on it begins")
            return nil
        }
        return Regime.Threshold(
            title: title, covers: record["covers"].map { Jurisdictions(codes($0)) } ?? covers, from: Int64(from))
    }

    private func codes(_ element: Element?) -> [String] {
        element?.elements.compactMap { words.text($0) } ?? []
    }

    /// An expression over the names of regimes; a name that they do not have is a fault.
    private func predicate(_ element: Element) -> Regime.Predicate? {
        words.formula(element).map { checked(Regime.Predicate($0)) }
    }

    private func sentence(_ element: Element) -> Regime.Sentence? {
        guard let template = words.template(element) else { return nil }
        let sentence = Regime.Sentence(template)
        for predicate in sentence.predicates { _ = checked(predicate) }
        return sentence
    }

    private func checked(_ predicate: Regime.Predicate) -> Regime.Predicate {
        let formula = predicate.formula
        for issue in formula.expression.check(Examination.environment).issues {
            let place = formula.place(of: issue.range)
            log.report(.unknownName, at: place.position, length: place.length, issue.message)
        }
        return predicate
    }

    private func checklist(_ entry: NamedElement) -> Regime.Checklist? {
        let items = entry.value.elements.compactMap { element -> Regime.Checklist.Item? in
            guard let record = Record(element, "an item", keys: ["field", "title", "source"], log: log),
                let field = text("field", of: record, "the name of the field"),
                let title = text("title", of: record, "the title that people see"),
                let source = text("source", of: record, "the article that asks for it")
            else { return nil }
            return Regime.Checklist.Item(field: field, title: title, source: source)
        }
        return Regime.Checklist(id: entry.name, items: items)
    }

    /// Reports obligations and checklists whose identifiers are taken.
    func refuseDuplicates(in regimes: [Regime]) {
        var seen: Set<String> = []
        for id in regimes.flatMap({ $0.obligations.map(\.id) + $0.checklists.map(\.id) })
        where !seen.insert(id).inserted {
            let place = places[id] ?? .none
            log.report(.duplicateName, at: place, "`\(id)` is declared twice in the library")
        }
    }

    private func text(_ key: String, of record: Record, _ expected: String) -> String? {
        guard let element = record[key] else {
            words.missing(key, in: record, expected)
            return nil
        }
        return words.word(element, expected)
    }
}
