import YAML

/// Reads a file of `workflows/regimes`, collecting every fault with its place.
struct RuleReader {
    let file: String
    private(set) var faults: [DataFault] = []

    init(file: String) { self.file = file }

    /// Keys of a file; obligations and checklists are for those who run workflows.
    private static let rootKeys = [
        "regime", "title", "verified", "link", "counting", "calendar", "rules", "covers", "retention",
        "obligations", "checklists", "thresholds", "place",
    ]
    private static let ruleKeys = [
        "rule", "title", "facts", "inputs", "period", "businessDays", "workingDays", "workingHours", "kind", "atMost",
        "countsEventDay", "from", "calendar", "sharedCalendar", "zone", "to", "source", "link", "counting", "verified",
        "status", "effective", "suspensions", "notes",
    ]

    mutating func rules(from bytes: [UInt8]) -> [Rule] {
        let (root, problems) = YAML.read(bytes)
        faults += problems.map { DataFault(file: file, line: $0.line, column: $0.column, message: $0.message) }
        guard let root, let map = map(root, "a file of rules", keys: Self.rootKeys) else { return [] }
        _ = text(map["regime"], "regime", in: root)
        guard let nodes = map["rules"]?.sequence else {
            fault(map["rules"] ?? root, "\"rules\" is a list of rules")
            return []
        }
        var rules: [Rule] = []
        for node in nodes {
            if let rule = rule(node, defaults: map) { rules.append(rule) }
        }
        return rules
    }

    private mutating func rule(_ node: YAMLNode, defaults: YAMLMapping) -> Rule? {
        guard let map = map(node, "a rule", keys: Self.ruleKeys) else { return nil }
        let found = faults.count
        let id = text(map["rule"], "rule", in: node)
        let title = text(map["title"], "title", in: node)
        let kind: RuleKind? = choice(map["kind"], "kind", in: node)
        let status: RuleStatus? = choice(map["status"], "status", in: node)
        let length = length(map, of: node)
        let facts = facts(map["facts"], in: node)
        let recipient = text(map["to"], "to", in: node)
        let article = text(map["source"], "source", in: node)
        let verified = date(map["verified"] ?? defaults["verified"], "verified", in: node)
        guard let id, let title, let kind, let status, let recipient, let article, let verified else { return nil }
        let link = (map["link"] ?? defaults["link"])?.string
        var rule = Rule(
            id: id, title: title, facts: facts, length: length, kind: kind, recipient: recipient,
            source: Rule.Source(article: article, link: link), verified: verified, status: status)
        rule.inputs = list(map["inputs"], "inputs").compactMap { input($0) }
        rule.cap = map["atMost"].flatMap { cap($0, facts: facts) }
        rule.countsEventDay = flag(map["countsEventDay"], "countsEventDay")
        if let from = map["from"] {
            rule.runsFromYearEnd = from.string == "end of calendar year"
            if !rule.runsFromYearEnd { fault(from, "\"from\" can only be: end of calendar year") }
        }
        if let calendar = (map["calendar"] ?? defaults["calendar"])?.string, calendar != "place" {
            rule.calendar = .named(calendar)
        }
        rule.sharedCalendar = map["sharedCalendar"]?.string
        rule.zone = map["zone"]?.string
        rule.counting = (map["counting"] ?? defaults["counting"])?.string
        effective(map["effective"], of: &rule)
        rule.suspensions = list(map["suspensions"], "suspensions").compactMap { suspension($0) }
        rule.notes = list(map["notes"], "notes").compactMap { text($0, "a note", in: node) }
        rule.version = String(SHA256.hexDigest(of: Array(node.canonicalText.utf8)).prefix(16))
        check(rule, at: map["kind"] ?? node)
        return faults.count == found ? rule : nil
    }

    private mutating func check(_ rule: Rule, at node: YAMLNode) {
        for length in [rule.length].compactMap({ $0 }) + rule.inputs.compactMap(\.length)
        where !rule.kind.accepts(length) {
            fault(node, "\(rule.id): the kind \(rule.kind.rawValue) needs \(rule.kind.lengthWords), not \(length)")
        }
        if rule.length == nil, rule.kind != .goal { fault(node, "\(rule.id): the period is missing") }
        if rule.kind == .ccpaBusinessDays, rule.sharedCalendar == nil {
            fault(node, "\(rule.id): \"sharedCalendar\" is missing")
        }
    }

    private mutating func facts(_ node: YAMLNode?, in rule: YAMLNode) -> [Rule.Fact] {
        let nodes = list(node, "facts")
        if nodes.isEmpty { fault(node ?? rule, "\"facts\" names at least one fact, [aware]") }
        return nodes.compactMap { node in
            if let name = node.string { return Rule.Fact(name) }
            guard let map = map(node, "a fact", keys: ["name", "several"]),
                let name = text(map["name"], "name", in: node)
            else { return nil }
            return Rule.Fact(name, several: choice(map["several"], "several", in: node) ?? .first)
        }
    }

    private mutating func length(_ map: YAMLMapping, of node: YAMLNode) -> Rule.Length? {
        let named = ["period", "businessDays", "workingDays", "workingHours"].filter { map[$0] != nil }
        guard let key = named.first, let value = map[key] else { return nil }
        if named.count > 1 { fault(value, "only one of \(named.joined(separator: ", ")) can be the length") }
        switch key {
        case "period": return period(value).map { .period($0) }
        case "businessDays": return count(value, key, backwards: true).map { .businessDays($0) }
        case "workingDays": return count(value, key).map { .goal(.workingDays($0)) }
        default: return count(value, key).map { .goal(.workingTime(.seconds($0 * 3600))) }
        }
    }

    private mutating func input(_ node: YAMLNode) -> Rule.Input? {
        let keys = ["name", "title", "default", "period", "businessDays"]
        guard let map = map(node, "an input", keys: keys), let name = text(map["name"], "name", in: node),
            let title = text(map["title"], "title", in: node)
        else { return nil }
        var input = Rule.Input(name: name, title: title, length: length(map, of: node))
        if let standard = map["default"] {
            if case .bool(let value)? = standard.scalar?.value {
                input.standard = .boolean(value)
            } else {
                input.standard = period(standard).map { .period($0) }
            }
        }
        return input
    }

    private mutating func cap(_ node: YAMLNode, facts: [Rule.Fact]) -> Rule.Cap? {
        guard let map = map(node, "\"atMost\"", keys: ["period", "after"]), let length = map["period"],
            let period = period(length), let fact = text(map["after"], "after", in: node)
        else { return nil }
        if !facts.contains(where: { $0.name == fact }) {
            fault(map["after"] ?? node, "\"\(fact)\" is not among the facts")
        }
        return Rule.Cap(fact: fact, period: period)
    }

    private mutating func suspension(_ node: YAMLNode) -> Suspension? {
        let keys = ["name", "effect", "article", "by", "oralAtMost", "atMost", "disputed"]
        guard let map = map(node, "a suspension", keys: keys), let name = text(map["name"], "name", in: node),
            let effect: Suspension.Effect = choice(map["effect"], "effect", in: node),
            let article = text(map["article"], "article", in: node), let issuer = text(map["by"], "by", in: node)
        else { return nil }
        return Suspension(
            name: name, effect: effect, article: article, issuer: issuer,
            oralLimit: map["oralAtMost"].flatMap { period($0) },
            limits: list(map["atMost"], "atMost").compactMap { period($0) },
            isDisputed: flag(map["disputed"], "disputed"))
    }

    private mutating func effective(_ node: YAMLNode?, of rule: inout Rule) {
        guard let node, let map = map(node, "\"effective\"", keys: ["from", "until"]) else { return }
        if let from = map["from"] { rule.effectiveFrom = date(from, "from", in: node) }
        if let until = map["until"] { rule.effectiveUntil = date(until, "until", in: node) }
        if let from = rule.effectiveFrom, let until = rule.effectiveUntil, until < from {
            fault(node, "it ends before it begins")
        }
    }
}

// The leaves: each says what it expected, where.
extension RuleReader {
    private mutating func fault(_ node: YAMLNode, _ message: String) {
        faults.append(DataFault(file: file, line: node.line, column: node.column, message: message))
    }

    private mutating func map(_ node: YAMLNode, _ what: String, keys: [String]) -> YAMLMapping? {
        guard let map = node.mapping else {
            fault(node, "\(what) is a map, and this is \(node.summary)")
            return nil
        }
        for entry in map where !keys.contains(entry.key) {
            let near = nearest(to: entry.key, among: keys).map { "; did you mean \"\($0)\"?" } ?? ""
            fault(entry.keyNode, "\(what) has no key \"\(entry.key)\"\(near)")
        }
        return map
    }

    private mutating func list(_ node: YAMLNode?, _ key: String) -> [YAMLNode] {
        guard let node else { return [] }
        guard let list = node.sequence else {
            fault(node, "\"\(key)\" is a list")
            return []
        }
        return list
    }

    private mutating func text(_ node: YAMLNode?, _ key: String, in parent: YAMLNode) -> String? {
        guard let node, let text = node.string, !text.isEmpty else {
            fault(node ?? parent, "\"\(key)\" is missing or no text")
            return nil
        }
        return text
    }

    private mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ node: YAMLNode?, _ key: String, in parent: YAMLNode
    ) -> Value? where Value.RawValue == String {
        if let text = node?.string, let value = Value(rawValue: text) { return value }
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        fault(node ?? parent, "\"\(key)\" is one of \(known)")
        return nil
    }

    private mutating func date(_ node: YAMLNode?, _ key: String, in parent: YAMLNode) -> CivilDate? {
        if let date = node?.scalar.flatMap({ CivilDate($0.text) }) { return date }
        fault(node ?? parent, "\"\(key)\" is a date such as 2026-11-23")
        return nil
    }

    private mutating func period(_ node: YAMLNode) -> Period? {
        do throws(DeadlineError) {
            return try Period(node.scalar?.text ?? "")
        } catch {
            fault(node, error.description)
            return nil
        }
    }

    private mutating func count(_ node: YAMLNode, _ key: String, backwards: Bool = false) -> Int? {
        if case .int(let value)? = node.scalar?.value, (1...10_000).contains(backwards ? abs(value) : value) {
            return Int(value)
        }
        fault(node, "\"\(key)\" is a whole number from 1 to 10000\(backwards ? ", below zero counted backwards" : "")")
        return nil
    }

    private mutating func flag(_ node: YAMLNode?, _ key: String) -> Bool {
        guard let node else { return false }
        if case .bool(let value)? = node.scalar?.value { return value }
        fault(node, "\"\(key)\" is true or false")
        return false
    }
}

extension YAMLNode {
    /// The content without regard to layout and the order of keys, to be marked.
    fileprivate var canonicalText: String {
        switch content {
        case .scalar(let scalar): "\(scalar.text.utf8.count):\(scalar.text)"
        case .sequence(let elements): "[" + elements.map(\.canonicalText).joined(separator: ",") + "]"
        case .mapping(let map):
            "{" + map.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.canonicalText)" }.joined(separator: ",")
                + "}"
        }
    }
}
