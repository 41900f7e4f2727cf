import CEL

extension Choosable {
    var formula: Formula? { if case .computed(let formula) = self { formula } else { nil } }
}

extension Definition.Timing {
    /// The formulas that say when it is due and which ladder it climbs.
    var formulas: [Formula] {
        var formulas = [calendar?.formula, zone?.formula, escalation?.formula].compactMap { $0 }
        switch measure {
        case .goal(let goal): if let formula = goal.formula { formulas.append(formula) }
        case .until(let formula): formulas.append(formula)
        case .rule(let rule, let terms):
            if let formula = rule.formula { formulas.append(formula) }
            formulas += terms.formulas
        }
        return formulas
    }

    var inputs: Inputs { formulas.reduce(into: Inputs()) { $0.formUnion($1.inputs) } }
}

extension Definition.Condition {
    var formulas: [Formula] {
        let at = at.map { [$0] } ?? []
        if case .formula(let formula) = kind { return [formula] + at }
        return at
    }
}

extension Definition.Clock {
    /// All formulas but those of the title.
    var formulas: [Formula] {
        let conditions = [start, restart, pause, stop, cancel].compactMap { $0 }
        return conditions.flatMap(\.formulas) + timing.formulas + [each, key].compactMap { $0 }
    }
}

extension Template {
    /// A template that is plain text.
    convenience init(text: String, position: SourcePosition) {
        self.init(segments: [.text(text)], source: text, position: position)
    }
}

extension String {
    /// A title made from a name: `failbackDue` and `failback-due` become `Failback due`.
    var asTitle: String {
        var title = ""
        for character in self {
            if character == "-" || character == "_" {
                title.append(" ")
            } else if character.isUppercase, let last = title.last, last != " " {
                title.append(" ")
                title.append(character.lowercased())
            } else {
                title.append(character)
            }
        }
        return title.prefix(1).uppercased() + title.dropFirst()
    }
}
