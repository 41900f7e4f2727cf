import CEL

// Decision tables: plain rows, or the regimes that apply.
extension Run {
    mutating func decide(_ name: String) throws(Halt) {
        guard let decision = tables.decisions[name] else { return }
        try derive()
        switch decision.rows {
        case .table(let rows): try decide(decision, rows)
        case .regimes: try decideRegimes(decision)
        }
        try judgeChecklists()
    }

    private mutating func decide(_ decision: Definition.Decision, _ rows: [Definition.Decision.Row]) throws(Halt) {
        var matched: [Int] = []
        for (index, row) in rows.enumerated() {
            if let when = row.when, try !isTrue(when, .event) { continue }
            matched.append(index)
            if decision.hit == .first { break }
        }
        if decision.hit == .unique, matched.count > 1 {
            throw reject(
                .failed(
                    expression: decision.name,
                    message:
                        "rows \(matched.map { String($0 + 1) }.joined(separator: " and ")) match, and only one may",
                    position: decision.position))
        }
        for field in decision.sets {
            guard let table = tables.fields[field] else { continue }
            var values: [CEL.Value] = []
            for index in matched {
                guard let plain = rows[index].then.first(where: { $0.name == field })?.value else { continue }
                values.append(CEL.Value(json: plain))
            }
            try put(decision.hit == .collect ? .list(values) : values.first ?? .null, table)
        }
        note(.decided(decision.name, rows: matched.map { $0 + 1 }))
    }

    /// What the regimes in force ask in this case: each field set takes the part that its shape names.
    private mutating func decideRegimes(_ decision: Definition.Decision) throws(Halt) {
        let answer = try demand(.obligations(of: .map(facts)))
        for field in decision.sets {
            guard let table = tables.fields[field] else { continue }
            guard let part = RegimeShape.part(for: table.field.schema), let value = answer.member(part) else {
                throw reject(
                    .failed(
                        expression: decision.name, message: "the regimes have nothing for `\(field)`",
                        position: decision.position))
            }
            try put(value, table)
        }
        let count = answer.member("obligations")?.listValue?.count ?? 0
        note(.decided(decision.name, rows: Array(1..<count + 1)))
    }

    /// The fields that are known.
    private var facts: MapValue {
        var entries: [MapValue.Entry] = []
        for (name, value) in next.data where next.incomplete.isEmpty || !next.incomplete.contains(name) {
            entries.append(MapValue.Entry(key: .string(name), value: value.kept))
        }
        return MapValue(distinct: entries)
    }

    private mutating func put(_ value: CEL.Value, _ table: FieldTable) throws(Halt) {
        guard value != .null else { return write(table, nil) }
        var problems: [Rejection.Problem] = []
        let admitted = admit(value, as: table.field.schema, at: SchemaPath(table.field.name), &problems)
        guard problems.isEmpty else { throw reject(.invalid(problems)) }
        write(table, admitted)
    }
}
