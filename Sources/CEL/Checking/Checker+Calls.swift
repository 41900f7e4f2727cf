import JSON

extension Checker {
    // MARK: Operators

    mutating func unary(_ unary: Node.UnaryOperator, _ operand: Node, _ node: Node) -> CELType {
        let type = check(operand)
        switch (unary, type.unwrapped) {
        case (_, .dyn): return unary == .not ? .bool : .dyn
        case (.not, .bool): return .bool
        case (.negate, .int), (.negate, .double), (.negate, .duration): return type.unwrapped
        default:
            let expected = unary == .not ? "a bool" : "an int, a double or a duration"
            report(.wrongType, "expected \(expected) after '\(unary.rawValue)', found \(type)", at: operand.range)
            return unary == .not ? .bool : .dyn
        }
    }

    mutating func binary(
        _ binary: Node.BinaryOperator, _ left: Node, _ right: Node, _ node: Node
    ) -> CELType {
        let types = [check(left), check(right)]
        let overloads = StandardLibrary.overloads(of: binary)
        guard let result = resolve(overloads, types) else {
            report(.wrongType, mismatch(binary, types), at: node.range)
            return overloads.first?.result == .bool ? .bool : .dyn
        }
        switch binary {
        case .equal, .notEqual:
            expectKnownValue(types[0], right)
            expectKnownValue(types[1], left)
        case .isIn:
            if case .list(let element) = types[1] { expectKnownValue(element, left) }
            if case .list(let elements) = right.kind { for element in elements { expectKnownValue(types[0], element) } }
        default: break
        }
        return result
    }

    private func mismatch(_ binary: Node.BinaryOperator, _ types: [CELType]) -> String {
        switch binary {
        case .equal, .notEqual: "\(types[0]) and \(types[1]) are never equal"
        case .isIn: "a value of type \(types[0]) is never in a value of type \(types[1])"
        default: "'\(binary.rawValue)' has no meaning between \(types[0]) and \(types[1])"
        }
    }

    /// Reports a literal that is none of the values an enumeration can have.
    private mutating func expectKnownValue(_ type: CELType, _ node: Node) {
        guard case .enumeration(let values) = type.unwrapped, case .string(let text)? = node.literalValue,
            !values.contains(where: { $0.hasSameBytes(as: text) })
        else { return }
        report(
            .unknownValue, "\"\(text)\" is none of \(values.map { "\"\($0)\"" }.joined(separator: ", "))",
            at: node.range, nearest: Spelling.nearest(to: text, among: values))
    }

    // MARK: Functions

    mutating func call(_ call: Node.Call, _ node: Node) -> CELType {
        if let target = call.target, let namespace = target.qualifiedName {
            let name = namespace + "." + call.function.text
            if let function = environment.function(named: name), environment.variable(named: namespace) == nil {
                return self.call(function, isMember: false, call.arguments, call, node)
            }
        }
        let arguments = (call.target.map { [$0] } ?? []) + call.arguments
        guard let function = environment.function(named: call.function.text) else {
            for argument in arguments { _ = check(argument) }
            let names = Array(environment.functions.keys) + Array(StandardLibrary.declarations.keys)
            report(
                .unknownFunction, "unknown function '\(call.function.text)'", at: call.function.range,
                nearest: Spelling.nearest(to: call.function.text, among: names))
            return .dyn
        }
        return self.call(function, isMember: call.target != nil, arguments, call, node)
    }

    private mutating func call(
        _ function: FunctionDeclaration, isMember: Bool, _ arguments: [Node], _ call: Node.Call, _ node: Node
    ) -> CELType {
        var types: [CELType] = []
        for argument in arguments { types.append(check(argument)) }
        let alike = function.overloads.filter { $0.isMember == isMember }
        guard let result = resolve(alike, types) else {
            report(.wrongType, misuse(function, isMember, types), at: node.range)
            let results = Set(alike.map(\.result))
            return results.count == 1 ? results.first?.concrete ?? .dyn : .dyn
        }
        checkLiterals(function.name, arguments)
        return result
    }

    private func misuse(_ function: FunctionDeclaration, _ isMember: Bool, _ types: [CELType]) -> String {
        func form(_ overload: Overload) -> String {
            let parameters = overload.parameters.map(\.description)
            return overload.isMember
                ? "\(parameters[0]).\(function.name)(\(parameters.dropFirst().joined(separator: ", ")))"
                : "\(function.name)(\(parameters.joined(separator: ", ")))"
        }
        let found = form(Overload(isMember: isMember, parameters: types, result: .dyn))
        let forms = function.overloads.prefix(6).map(form).joined(separator: ", ")
        return "found \(found), expected \(forms)" + (function.overloads.count > 6 ? " …" : "")
    }

    /// Reports literals that a function will refuse whenever it is evaluated.
    private mutating func checkLiterals(_ function: String, _ arguments: [Node]) {
        guard let last = arguments.last, case .string(let text)? = last.literalValue else { return }
        switch (function, arguments.count) {
        case ("duration", 1) where Span(parsing: text) == nil:
            report(.wrongLiteral, "\"\(text)\" is no duration; expected one such as \"1h30m\"", at: last.range)
        case ("timestamp", 1) where Timestamp(rfc3339: text) == nil:
            report(
                .wrongLiteral, "\"\(text)\" is no timestamp; expected one such as \"2026-03-27T20:55:00+01:00\"",
                at: last.range)
        case ("matches", 2):
            do throws(RegexError) {
                _ = try Regex(text)
            } catch {
                report(.wrongLiteral, "\(error.message) in the pattern", at: last.range)
            }
        default: break
        }
    }

    // MARK: Overloads

    /// The result of the overloads that these types fit; `dyn` where several fit with different results.
    private func resolve(_ overloads: [Overload], _ types: [CELType]) -> CELType? {
        var result: CELType?
        for overload in overloads where overload.parameters.count == types.count {
            var bindings: [String: CELType] = [:]
            guard zip(overload.parameters, types).allSatisfy({ unify($0, $1, &bindings) }) else { continue }
            let own = overload.result.substituting(bindings)
            if let known = result, known != own { return .dyn }
            result = own
        }
        return result
    }

    private func unify(_ parameter: CELType, _ type: CELType, _ bindings: inout [String: CELType]) -> Bool {
        switch (parameter, type) {
        case (.parameter(let name), _):
            guard let bound = bindings[name] else {
                bindings[name] = type
                return true
            }
            guard type.isAssignable(to: bound) || bound.isAssignable(to: type) else { return false }
            bindings[name] = bound.joined(type)
            return true
        case (_, .nullable(let inner)): return unify(parameter, inner, &bindings)
        case (.list(let element), .list(let own)): return unify(element, own, &bindings)
        case (.map(let key, let value), .map(let ownKey, let own)):
            return unify(key, ownKey, &bindings) && unify(value, own, &bindings)
        case (.map(let key, let value), .record):
            return unify(key, .string, &bindings) && unify(value, .dyn, &bindings)
        case (.list(let element), .dyn): return unify(element, .dyn, &bindings)
        case (.map(let key, let value), .dyn):
            return unify(key, .dyn, &bindings) && unify(value, .dyn, &bindings)
        default: return type.isAssignable(to: parameter)
        }
    }
}

extension CELType {
    /// The type with its parameters replaced by what they are bound to.
    func substituting(_ bindings: [String: CELType]) -> CELType {
        switch self {
        case .parameter(let name): bindings[name] ?? .dyn
        case .list(let element): .list(element.substituting(bindings))
        case .map(let key, let value): .map(key.substituting(bindings), value.substituting(bindings))
        case .nullable(let type): .nullable(type.substituting(bindings))
        default: self
        }
    }

    /// The type with `dyn` for its parameters.
    var concrete: CELType { substituting([:]) }
}
