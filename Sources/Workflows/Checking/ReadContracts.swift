import CEL

// What reads of other instances demand of their definitions: that they exist, and export what is looked at.
extension DefinitionCheck {
    /// What is known of any instance that a read finds, beside the fields that its definition exports.
    private static let common = ["id", "reference", "state", "final"]

    func checkFound(_ formula: Formula) {
        formula.expression.root.forEach { node in
            switch node.kind {
            case .call(let call): checkRead(call, at: node, in: formula)
            case .select(let operand, let name):
                guard case .index(let list, _) = operand.kind, let other = found(by: list) else { return }
                checkExport(name, of: other, in: formula)
            case .comprehension(let macro):
                guard let other = found(by: macro.range), let variable = macro.variables.last?.text else { return }
                for part in [macro.filter, macro.body].compactMap({ $0 }) {
                    checkUses(of: variable, in: part, other, formula)
                }
            default: return
            }
        }
    }

    /// The definition of the instances that an expression yields, where it names one that is known.
    func found(by node: Node) -> Definition? {
        switch node.kind {
        case .call(let call) where ["related", "covering"].contains(call.function.text):
            guard let name = call.arguments.first?.literalValue?.stringValue else { return nil }
            return name == definition.name ? definition : library[name]
        case .comprehension(let macro) where macro.macro == .filter: return found(by: macro.range)
        default: return nil
        }
    }

    private func checkRead(_ call: Node.Call, at node: Node, in formula: Formula) {
        guard ["related", "covering"].contains(call.function.text), let argument = call.arguments.first,
            let name = argument.literalValue?.stringValue
        else { return }
        guard let other = found(by: node) else {
            guard !library.isEmpty else { return }
            let place = formula.place(of: argument.range)
            return report(
                .unknownWorkflow, at: place.position, "there is no workflow `\(name)` here", length: place.length,
                suggestion: Spelling.nearest(to: name, among: library.keys))
        }
        guard call.function.text == "covering", call.arguments.count > 1,
            let field = call.arguments[1].literalValue?.stringValue, !other.exports.contains(field)
        else { return }
        let place = formula.place(of: call.arguments[1].range)
        report(
            .contractField, at: place.position, "`\(other.name)` does not export `\(field)`, so nothing is found by it",
            length: place.length, suggestion: Spelling.nearest(to: field, among: other.exports))
    }

    private func checkUses(of variable: String, in part: Node, _ other: Definition, _ formula: Formula) {
        part.forEach { node in
            switch node.kind {
            case .select(let operand, let name), .has(let operand, let name):
                guard case .identifier(variable, _) = operand.kind else { return }
                checkExport(name, of: other, in: formula)
            default: return
            }
        }
    }

    private func checkExport(_ name: Node.Name, of other: Definition, in formula: Formula) {
        let known = other.exports + Self.common
        guard !known.contains(name.text) else { return }
        let place = formula.place(of: name.range)
        report(
            .contractField, at: place.position, "`\(other.name)` does not export `\(name.text)`", length: place.length,
            suggestion: Spelling.nearest(to: name.text, among: known))
    }
}
