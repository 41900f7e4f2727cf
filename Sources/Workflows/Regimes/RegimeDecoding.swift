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
    /// Keys of the file; those after `checklists` are for the rules of deadlines.
    static let keys = [
        "regime", "title", "obligations", "checklists", "verified", "link", "counting", "calendar", "rules",
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
        let checklists = words.named(record["checklists"], "checklist", pattern: .dotted).compactMap(checklist)
        let obligations = record["obligations"]?.elements.compactMap(obligation) ?? []
        return Regime(id: id, title: title, obligations: obligations, checklists: checklists)
    }

    private func obligation(_ element: Element) -> Regime.Obligation? {
        let keys = ["id", "title", "recipient", "applies", "stages"]
        guard let record = Record(element, "an obligation", keys: keys, log: log),
            let id = text("id", of: record, "an identifier within the library"),
            let title = text("title", of: record, "the title that people see"),
            let recipient = text("recipient", of: record, "to whom it is owed")
        else { return nil }
        guard let condition = record["applies"] else {
            words.missing("applies", in: record, "when it applies, as CEL over `data`")
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
        guard let applies = words.formula(condition) else { return nil }
        return Regime.Obligation(id: id, title: title, recipient: recipient, applies: applies, stages: stages)
    }

    private func stage(_ element: Element) -> Regime.Stage? {
        let keys = ["id", "title", "rule", "after", "checklist"]
        guard let record = Record(element, "a stage", keys: keys, log: log),
            let id = text("id", of: record, "an identifier within the obligation"),
            let title = text("title", of: record, "the title that people see"),
            let rule = text("rule", of: record, "the rule that computes its deadline"),
            let checklist = text("checklist", of: record, "the checklist of what it must contain")
        else { return nil }
        let after = record["after"].flatMap { words.text($0) } ?? ""
        return Regime.Stage(id: id, title: title, rule: rule, after: after, checklist: checklist)
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
