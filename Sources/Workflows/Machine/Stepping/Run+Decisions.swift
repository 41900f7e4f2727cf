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

    /// Each regime in force whose condition holds becomes an element of the fields set.
    private mutating func decideRegimes(_ decision: Definition.Decision) throws(Halt) {
        let regimes = try demand(.regimes).listValue ?? []
        var applying: [CEL.Value] = []
        var rows: [Int] = []
        for (index, regime) in regimes.enumerated() where try applies(regime, decision) {
            guard case .map(let map) = regime else { continue }
            let fields = map.entries.filter { $0.key != .string("applies") }
            applying.append(MapValue(uniqueEntries: fields).map(CEL.Value.map) ?? regime)
            rows.append(index + 1)
        }
        let value: CEL.Value = decision.hit == .collect ? .list(applying) : applying.first ?? .null
        for field in decision.sets {
            guard let table = tables.fields[field] else { continue }
            try put(value, table)
        }
        note(.decided(decision.name, rows: rows))
    }

    private mutating func applies(
        _ regime: CEL.Value, _ decision: Definition.Decision
    ) throws(Halt) -> Bool {
        switch regime.member("applies") {
        case nil, .bool(true)?: return true
        case .bool(false)?: return false
        case .string(let source)?:
            let expression: Expression
            do throws(CELSyntaxError) {
                expression = try Expression(parsing: source)
            } catch {
                throw reject(.failed(expression: source, message: error.message, position: decision.position))
            }
            let formula = Formula(source: source, position: decision.position, expression: expression)
            return try isTrue(formula, .event)
        case let other?:
            throw reject(
                .failed(
                    expression: decision.name, message: "`applies` of a regime is CEL, not \(other.type.name)",
                    position: decision.position))
        }
    }

    private mutating func put(_ value: CEL.Value, _ table: FieldTable) throws(Halt) {
        guard value != .null else { return write(table, nil) }
        var problems: [Rejection.Problem] = []
        let admitted = admit(value, as: table.field.schema, at: SchemaPath(table.field.name), &problems)
        guard problems.isEmpty else { throw reject(.invalid(problems)) }
        write(table, admitted)
    }
}
