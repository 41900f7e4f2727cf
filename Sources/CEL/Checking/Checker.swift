import JSON

/// Infers the types of an expression's nodes and gathers what is wrong.
///
/// A part that is faulty counts as `dyn`, so that one fault is reported once.
struct Checker {
    let expression: Expression
    let environment: Environment
    private(set) var issues: [CELIssue] = []
    private(set) var types: [CELType]
    private(set) var isPartlyUnknown = false
    private var scopes: [(name: String, type: CELType)] = []

    init(expression: Expression, environment: Environment) {
        self.expression = expression
        self.environment = environment
        types = Array(repeating: .dyn, count: expression.nodeCount)
    }

    mutating func report(
        _ kind: CELIssue.Kind, _ message: String, at range: SourceRange, nearest: String? = nil
    ) {
        let message = nearest.map { message + "; did you mean '\($0)'?" } ?? message
        issues.append(
            CELIssue(
                kind: kind, message: message, suggestion: nearest, range: range,
                position: expression.position(of: range)))
    }

    mutating func check(_ node: Node) -> CELType {
        let type = infer(node)
        types[node.id] = type
        if type.isPartlyUnknown { isPartlyUnknown = true }
        return type
    }

    private mutating func infer(_ node: Node) -> CELType {
        switch node.kind {
        case .literal(let value): return CELType(of: value)
        case .identifier(let name, let isAbsolute): return identifier(name, isAbsolute, node)
        case .select(let operand, let field): return select(operand, field, node)
        case .has(let operand, let field):
            _ = type(ofField: field, in: check(operand))
            return .bool
        case .index(let operand, let index): return self.index(operand, index)
        case .call(let call): return self.call(call, node)
        case .unary(let unary, let operand): return self.unary(unary, operand, node)
        case .binary(let binary, let left, let right): return self.binary(binary, left, right, node)
        case .and(let operands): return logic("&&", operands)
        case .or(let operands): return logic("||", operands)
        case .conditional(let condition, let then, let otherwise): return conditional(condition, then, otherwise)
        case .list(let elements): return .list(join(elements))
        case .map(let entries): return map(entries)
        case .comprehension(let comprehension): return self.comprehension(comprehension)
        }
    }

    // MARK: Names and fields

    private func local(_ name: String) -> CELType? { scopes.last { $0.name == name }?.type }

    /// Whether a chain of names begins with a macro's variable.
    private func beginsLocally(_ node: Node) -> Bool {
        guard let root = node.rootIdentifier, !root.isAbsolute else { return false }
        return local(root.name) != nil
    }

    private mutating func identifier(_ name: String, _ isAbsolute: Bool, _ node: Node) -> CELType {
        if !isAbsolute, let type = local(name) { return type }
        if let variable = environment.variable(named: name) { return variable.type }
        if TypeValue.named.contains(where: { $0.name == name }) { return .type }
        let names = environment.variables.map(\.name) + scopes.map(\.name)
        report(
            .unknownName, "unknown name '\(name)'", at: node.range, nearest: Spelling.nearest(to: name, among: names))
        return .dyn
    }

    private mutating func select(_ operand: Node, _ field: Node.Name, _ node: Node) -> CELType {
        // The longest dotted name that is a variable wins over fields of a shorter one.
        if let name = node.qualifiedName, !beginsLocally(node) {
            if let variable = environment.variable(named: name) { return variable.type }
            if TypeValue.named.contains(where: { $0.name == name }) { return .type }
        }
        return type(ofField: field, in: check(operand))
    }

    private mutating func type(ofField field: Node.Name, in type: CELType) -> CELType {
        switch type.unwrapped {
        case .dyn: return .dyn
        case .map(let key, let value):
            if CELType.string.isAssignable(to: key) { return value }
            report(.wrongType, "a map with keys of type \(key) has no field '\(field.text)'", at: field.range)
            return .dyn
        case .record(let record):
            if let found = record.fields[field.text] { return found.type }
            report(
                .unknownField, "\(record.name) has no field '\(field.text)'", at: field.range,
                nearest: Spelling.nearest(to: field.text, among: record.fields.keys))
            return .dyn
        default:
            report(.wrongType, "a value of type \(type) has no field '\(field.text)'", at: field.range)
            return .dyn
        }
    }

    private mutating func index(_ operand: Node, _ index: Node) -> CELType {
        let container = check(operand)
        let key = check(index)
        switch container.unwrapped {
        case .dyn: return .dyn
        case .list(let element):
            if !key.isAssignable(to: .int) {
                report(.wrongType, "expected an int as the index of a list, found \(key)", at: index.range)
            }
            return element
        case .map(let expected, let value):
            if !key.isAssignable(to: expected) {
                report(.wrongType, "expected a key of type \(expected), found \(key)", at: index.range)
            }
            return value
        case .record:
            guard case .string(let name)? = index.literalValue else { return .dyn }
            return type(ofField: Node.Name(text: name, range: index.range), in: container)
        default:
            report(.wrongType, "a value of type \(container) has no elements", at: operand.range)
            return .dyn
        }
    }

    // MARK: Logic

    mutating func expectBool(_ node: Node, _ place: String) {
        let type = check(node)
        if !type.isAssignable(to: .bool) {
            report(.wrongType, "expected a bool \(place), found \(type)", at: node.range)
        }
    }

    private mutating func logic(_ name: String, _ operands: [Node]) -> CELType {
        for operand in operands { expectBool(operand, "beside '\(name)'") }
        return .bool
    }

    private mutating func conditional(_ condition: Node, _ then: Node, _ otherwise: Node) -> CELType {
        expectBool(condition, "before '?'")
        let (left, right) = (check(then), check(otherwise))
        let joined = left.joined(right)
        if joined == .dyn, !left.isAssignable(to: right), !right.isAssignable(to: left) {
            report(
                .wrongType, "both results of '?' must have one type, found \(left) and \(right)",
                at: then.range.joined(otherwise.range))
        }
        return joined
    }

    // MARK: Lists, maps and macros

    private mutating func join(_ nodes: [Node]) -> CELType {
        var joined: CELType?
        for node in nodes {
            let type = check(node)
            joined = joined?.joined(type) ?? type
        }
        return joined ?? .dyn
    }

    private mutating func map(_ entries: [(key: Node, value: Node)]) -> CELType {
        let keys = join(entries.map(\.key))
        for entry in entries {
            switch types[entry.key.id].unwrapped {
            case .dyn, .bool, .int, .uint, .string, .enumeration: continue
            case let type: report(.wrongType, "a value of type \(type) cannot be a key", at: entry.key.range)
            }
        }
        return .map(keys, join(entries.map(\.value)))
    }

    private mutating func comprehension(_ macro: Node.Comprehension) -> CELType {
        let range = check(macro.range)
        let (element, second) = elements(of: range, macro)
        scopes.append(contentsOf: zip(macro.variables.map(\.text), [element, second]).map { ($0, $1) })
        defer { scopes.removeLast(macro.variables.count) }
        let condition = "as the condition of \(macro.macro.rawValue)()"
        if let filter = macro.filter { expectBool(filter, condition) }
        return result(of: macro, element, condition)
    }

    private mutating func result(
        of macro: Node.Comprehension, _ element: CELType, _ condition: String
    ) -> CELType {
        switch macro.macro {
        case .all, .exists, .existsOne, .filter:
            expectBool(macro.body, condition)
            return macro.macro == .filter ? .list(element) : .bool
        case .map, .transformList: return .list(check(macro.body))
        case .transformMap: return .map(element, check(macro.body))
        case .transformMapEntry:
            let entry = check(macro.body)
            if case .map = entry { return entry }
            if entry != .dyn {
                report(.wrongType, "expected a map with one entry, found \(entry)", at: macro.body.range)
            }
            return .map(.dyn, .dyn)
        }
    }

    /// The types that the variables of a macro take over this range.
    private mutating func elements(
        of range: CELType, _ macro: Node.Comprehension
    ) -> (first: CELType, second: CELType) {
        let isPair = macro.variables.count == 2
        switch range.unwrapped {
        case .dyn: return (.dyn, .dyn)
        case .list(let element): return isPair ? (.int, element) : (element, .dyn)
        case .map(let key, let value): return (key, value)
        case .record: return (.string, .dyn)
        default:
            report(.wrongType, "expected a list or a map, found \(range)", at: macro.range.range)
            return (.dyn, .dyn)
        }
    }
}

extension CELType {
    /// The type of a literal.
    init(of value: Value) {
        switch value {
        case .null: self = .null
        case .bool: self = .bool
        case .int: self = .int
        case .uint: self = .uint
        case .double: self = .double
        case .string: self = .string
        case .bytes: self = .bytes
        case .timestamp: self = .timestamp
        case .duration: self = .duration
        case .type: self = .type
        case .list: self = .list(.dyn)
        case .map, .object: self = .map(.dyn, .dyn)
        }
    }
}
