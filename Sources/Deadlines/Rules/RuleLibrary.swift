import YAML

/// All rules, each in the versions that the law has had.
public struct RuleLibrary: Sendable {
    /// The versions of each rule, in the order in which they came into force.
    private let versions: [String: [Rule]]

    /// A library of those rules.
    ///
    /// Throws `faults` where two versions of one rule apply on the same day.
    public init(_ rules: [Rule]) throws(DeadlineError) {
        let grouped = Dictionary(grouping: rules, by: \.id)
        versions = grouped.mapValues { versions in
            versions.sorted { $0.effectiveFrom?.dayNumber ?? .min < $1.effectiveFrom?.dayNumber ?? .min }
        }
        for (id, list) in versions {
            for (earlier, later) in zip(list, list.dropFirst()) {
                guard let end = earlier.effectiveUntil, let start = later.effectiveFrom, end < start else {
                    let message = "two versions of the rule \(id) apply at once; say from and until when each does"
                    throw .faults([DataFault(file: id, line: 1, column: 1, message: message)])
                }
            }
        }
    }

    /// The rules of all YAML files of a folder.
    ///
    /// Throws `unreadable`, or `faults` with all that were found.
    public init(directory: String) throws(DeadlineError) {
        var (rules, faults): ([Rule], [DataFault]) = ([], [])
        for name in try Files.names(in: directory) where name.hasSuffix(".yaml") {
            let path = "\(directory)/\(name)"
            var reader = RuleReader(file: path)
            rules += reader.rules(from: try Files.read(path))
            faults += reader.faults
        }
        guard faults.isEmpty else { throw .faults(faults) }
        try self.init(rules)
    }

    /// The rules in their present versions, by identifier.
    public var all: [Rule] {
        versions.values.compactMap(\.last).sorted { $0.id < $1.id }
    }

    /// The identifiers, sorted.
    public var ids: [String] { versions.keys.sorted() }

    /// The versions of a rule, the earliest first.
    ///
    /// Throws `unknownRule`.
    public func versions(of id: String) throws(DeadlineError) -> [Rule] {
        guard let list = versions[id] else { throw .unknownRule(id, nearest: nearest(to: id, among: ids)) }
        return list
    }

    /// The version of a rule that applies to facts of a day; nil as the day means the present one.
    ///
    /// Rules with the status `inactive` are given whatever the day. Throws `unknownRule` and `notInForce`.
    public func rule(_ id: String, on day: CivilDate? = nil) throws(DeadlineError) -> Rule {
        let list = try versions(of: id)
        let present = list[list.count - 1]
        guard let day, present.status != .inactive else { return present }
        let match = list.last { rule in
            rule.effectiveFrom.map { $0 <= day } ?? true && rule.effectiveUntil.map { day <= $0 } ?? true
        }
        if let match { return match }
        let reason: String
        if let first = list[0].effectiveFrom, day < first {
            reason = "it applies to facts since \(first)"
        } else if let last = present.effectiveUntil, day > last {
            reason = "it applied to facts until \(last)"
        } else {
            reason = "none of its versions applies to that day"
        }
        throw .notInForce(rule: id, on: day, reason: reason)
    }

    /// This library with those of another, which take the place of those of the same identifier: national law over a
    /// directive's, or goals of one's own.
    public func replaced(by own: RuleLibrary) throws(DeadlineError) -> RuleLibrary {
        try with(own.versions.values.flatMap { $0 })
    }

    /// This library with further rules, which take the place of those of the same identifier.
    ///
    /// Throws `faults` where two versions of one rule apply on the same day.
    public func with(_ rules: [Rule]) throws(DeadlineError) -> RuleLibrary {
        let replaced = Set(rules.map(\.id))
        return try RuleLibrary(versions.filter { !replaced.contains($0.key) }.values.flatMap { $0 } + rules)
    }

    /// The rules of one file's bytes, such as a tenant's own.
    ///
    /// Throws `faults`.
    public static func rules(from bytes: [UInt8], file: String) throws(DeadlineError) -> [Rule] {
        var reader = RuleReader(file: file)
        let rules = reader.rules(from: bytes)
        guard reader.faults.isEmpty else { throw .faults(reader.faults) }
        return rules
    }
}
