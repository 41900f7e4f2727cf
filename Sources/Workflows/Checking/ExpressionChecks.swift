import CEL

// The types of all expressions, what they may refer to where they stand, and optional fields read without proof.
extension DefinitionCheck {
    /// Judges one formula.
    ///
    /// - Parameters:
    ///   - proven: the paths that are set; nil where an unset field does no harm.
    ///   - passesUnset: whether a bare field may be unset, as in `with`, `follow`, `facts` and `each`.
    @discardableResult
    func check(
        _ formula: Formula?, _ place: TypeTable.Place, item: CELType? = nil, yields expected: Expected,
        proven: Set<String>?, passesUnset: Bool = false
    ) -> CELType {
        guard let formula else { return .dyn }
        let result = formula.expression.check(environment(place, item: item))
        note(formula.expression.root)
        for issue in result.issues { report(issue, in: formula, place) }
        checkReads(formula)
        checkFound(formula)
        if result.issues.isEmpty, !expected.accepts(result.type) {
            report(
                .wrongType, at: formula.position, "this yields \(result.type)", length: formula.source.count,
                expected: expected.words)
        }
        if let proven, !(passesUnset && Proof.path(formula.expression.root) != nil) {
            for gap in Proof.gaps(in: formula.expression, types: result, proven: presence.closed(proven)) {
                let place = formula.place(of: gap.range)
                report(
                    .optionalField, at: place.position, "`\(gap.path)` may be unset here", length: place.length,
                    expected: "`has(\(gap.path)) &&` before it, or a form, `requires`, `required` or `default`")
            }
        }
        return result.type
    }

    private func report(_ issue: CELIssue, in formula: Formula, _ place: TypeTable.Place) {
        let at = formula.place(of: issue.range)
        let name = formula.expression.text(of: issue.range)
        switch issue.kind {
        case .unknownName, .unknownFunction:
            guard TypeTable.restricted.contains(name) else { break }
            let why =
                switch name {
                case "item": "`item` is only known beside `each` and `key`"
                case "occurrence": "`occurrence` is only known in `schedule`"
                default:
                    "`\(name)` is only known in events, `open`, `correct`, actions and `schedule`: "
                        + "elsewhere nothing would wake when it changes"
                }
            report(.unavailableName, at: at.position, why, length: at.length)
            return
        default: break
        }
        let isName = [.unknownName, .unknownField, .unknownFunction].contains(issue.kind)
        report(isName ? .unknownName : .wrongType, at: at.position, issue.message, length: at.length)
    }

    /// A read's answer is collected before the step, so its arguments cannot depend on another read.
    private func checkReads(_ formula: Formula) {
        formula.expression.root.forEach { node in
            guard case .call(let call) = node.kind, HostFunctions.reads.contains(call.function.text) else { return }
            for argument in call.arguments {
                argument.forEach { inner in
                    guard case .call(let nested) = inner.kind, HostFunctions.reads.contains(nested.function.text) else {
                        return
                    }
                    let place = formula.place(of: inner.range)
                    report(
                        .nestedRead, at: place.position,
                        "a read stands in the arguments of `\(call.function.text)()`; reads are answered before the step",
                        length: place.length)
                }
            }
        }
    }

    /// Remembers the names that an expression uses.
    private func note(_ root: Node) {
        let kinds: [String: NameKind] = [
            "data": .field, "before": .field, "roles": .role, "clocks": .clock, "tasks": .task,
            "approvals": .approval, "children": .child,
        ]
        root.forEach { node in
            guard let path = Proof.path(node)?.split(separator: ".").map(String.init), path.count >= 2 else {
                if case .has(let operand, let name) = node.kind, let path = Proof.path(operand),
                    let kind = kinds[path]
                {
                    used[kind, default: []].insert(name.text)
                }
                return
            }
            if let kind = kinds[path[0]] { used[kind, default: []].insert(path[1]) }
        }
    }

    func check(_ template: Template?, _ place: TypeTable.Place, item: CELType? = nil) {
        for case .formula(let formula) in template?.segments ?? [] {
            check(formula, place, item: item, yields: .anything, proven: nil)
        }
    }

    /// The type of `item` beside a list, after judging the list and the key.
    func element(_ each: Formula?, _ key: Formula?, _ place: TypeTable.Place, proven: Set<String>) -> CELType? {
        guard let each else { return nil }
        let type = check(each, place, yields: .list, proven: proven, passesUnset: true)
        var item = CELType.dyn
        if case .list(let element) = type { item = element }
        check(key, place, item: item, yields: .key, proven: proven)
        return item
    }
}
