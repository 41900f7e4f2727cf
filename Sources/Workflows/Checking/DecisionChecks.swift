// Overlaps and gaps of decision tables, and rows that never come to pass.
extension DefinitionCheck {
    func checkDecisions() {
        for decision in definition.decisions {
            guard case .table(let rows) = decision.rows, !rows.isEmpty else { continue }
            let table = ConditionTable(rows.map { $0.when?.expression.root }, fields: fields)
            guard table.isDecidable else {
                report(
                    .decisionUndecidable, at: decision.position,
                    "`\(decision.name)` tells too many cases apart to be tried; overlaps and gaps cannot be decided")
                continue
            }
            switch decision.hit {
            case .unique: checkUnique(decision, rows, table)
            case .first: checkFirst(decision, rows, table)
            case .collect: checkNever(rows, table)
            }
        }
    }

    private func checkUnique(
        _ decision: Definition.Decision, _ rows: [Definition.Decision.Row], _ table: ConditionTable
    ) {
        checkNever(rows, table)
        for overlap in table.overlaps {
            let (first, second) = (rows[overlap.rows[0]], rows[overlap.rows[1]])
            report(
                overlap.isCertain ? .decisionOverlap : .decisionUndecidable, at: second.position,
                overlap.isCertain
                    ? "this row and the one on line \(first.position.line) are both true where \(overlap.values)"
                    : "whether this row and the one on line \(first.position.line) exclude each other cannot be decided"
            )
        }
        guard let gap = table.gap else { return }
        report(
            gap.isCertain ? .decisionGap : .decisionUndecidable, at: decision.position,
            gap.isCertain
                ? "no row of `\(decision.name)` is true where \(gap.values)"
                : "whether `\(decision.name)` covers every case cannot be decided")
    }

    private func checkFirst(_ decision: Definition.Decision, _ rows: [Definition.Decision.Row], _ table: ConditionTable)
    {
        for index in rows.indices {
            switch table.verdict(index) {
            case .never: never(rows[index])
            case .shadowed(let earlier):
                report(
                    .shadowedEdge, at: rows[index].position,
                    earlier.map {
                        "this row is never the first: the one on line \(rows[$0].position.line) comes before it"
                    }
                        ?? "this row is never the first: those before it cover every case")
            case .live, .unknown: break
            }
        }
    }

    private func checkNever(_ rows: [Definition.Decision.Row], _ table: ConditionTable) {
        for index in rows.indices where table.verdict(index) == .never { never(rows[index]) }
    }

    private func never(_ row: Definition.Decision.Row) {
        report(.shadowedEdge, at: row.position, "the condition of this row is never true")
    }
}
