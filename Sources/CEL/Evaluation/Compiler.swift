import JSON

/// Turns the tree of an expression into plans.
struct Compiler {
    let expression: Expression
    let environment: Environment
    private(set) var plans: [(any Plan)?]
    private var scopes: [String] = []

    init(expression: Expression, environment: Environment) {
        self.expression = expression
        self.environment = environment
        plans = Array(repeating: nil, count: expression.nodeCount)
    }

    mutating func compile(_ node: Node) -> any Plan {
        let bare = plan(for: node)
        let plan = folded(bare, node)
        plans[node.id] = plan
        return plan
    }

    private mutating func plan(for node: Node) -> any Plan {
        switch node.kind {
        case .literal(let value): return ConstantPlan(value)
        case .identifier(let name, let isAbsolute): return identifier(name, isAbsolute, node)
        case .select(let operand, let field):
            return variable(node) ?? SelectPlan(compile(operand), field.text, isTest: false, node.range)
        case .has(let operand, let field): return SelectPlan(compile(operand), field.text, isTest: true, node.range)
        case .index(let operand, let index): return IndexPlan(compile(operand), compile(index), node.range)
        case .call(let call): return self.call(call, node)
        case .unary(.not, let operand): return NotPlan(compile(operand), node.range)
        case .unary(.negate, let operand): return NegatePlan(compile(operand), node.range)
        case .binary(let binary, let left, let right): return self.binary(binary, left, right, node)
        case .and(let operands): return LogicPlan(operands.map { compile($0) }, deciding: false, node.range)
        case .or(let operands): return LogicPlan(operands.map { compile($0) }, deciding: true, node.range)
        case .conditional(let condition, let then, let otherwise):
            return ConditionalPlan(compile(condition), compile(then), compile(otherwise), node.range)
        case .list(let elements): return ListPlan(elements.map { compile($0) })
        case .map(let entries):
            return MapPlan(entries.map { (compile($0.key), compile($0.value), $0.key.range) })
        case .comprehension(let macro): return comprehension(macro, node)
        }
    }

    // MARK: Names

    private mutating func identifier(_ name: String, _ isAbsolute: Bool, _ node: Node) -> any Plan {
        if !isAbsolute, let slot = scopes.lastIndex(of: name) { return LocalPlan(slot) }
        return variable(node) ?? FailurePlan(.noSuchVariable, "unknown name '\(name)'", at: node.range)
    }

    /// The plan of a chain of names that is a variable or a type as a whole.
    private func variable(_ node: Node) -> (any Plan)? {
        guard let name = node.qualifiedName, let root = node.rootIdentifier,
            root.isAbsolute || !scopes.contains(root.name)
        else { return nil }
        if let variable = environment.variable(named: name) { return VariablePlan(variable, node.range) }
        return TypeValue.named.first { $0.name == name }.map { ConstantPlan(.type($0)) }
    }

    // MARK: Operators and macros

    private mutating func binary(
        _ binary: Node.BinaryOperator, _ left: Node, _ right: Node, _ node: Node
    ) -> any Plan {
        let (left, right) = (compile(left), compile(right))
        switch binary {
        case .equal, .notEqual: return EqualityPlan(left, right, isNegated: binary == .notEqual)
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return OrderPlan(left, right, binary, node.range)
        case .isIn: return MembershipPlan(left, right, node.range)
        case .add, .subtract, .multiply, .divide, .modulo: return ArithmeticPlan(left, right, binary, node.range)
        }
    }

    private mutating func comprehension(_ macro: Node.Comprehension, _ node: Node) -> any Plan {
        let source = compile(macro.range)
        let slot = scopes.count
        scopes.append(contentsOf: macro.variables.map(\.text))
        defer { scopes.removeLast(macro.variables.count) }
        var weight = 0
        macro.body.forEach { _ in weight += 1 }
        macro.filter?.forEach { _ in weight += 1 }
        return ComprehensionPlan(
            macro.macro, over: source, slot: slot, isPair: macro.variables.count == 2,
            filter: macro.filter.map { compile($0) }, body: compile(macro.body), weight: weight, node.range)
    }

    // MARK: Calls

    private mutating func call(_ call: Node.Call, _ node: Node) -> any Plan {
        if let target = call.target, let namespace = target.qualifiedName,
            environment.variable(named: namespace) == nil
        {
            let name = namespace + "." + call.function.text
            if environment.function(named: name) != nil {
                return self.call(name, isMember: false, call.arguments, node)
            }
        }
        let arguments = (call.target.map { [$0] } ?? []) + call.arguments
        return self.call(call.function.text, isMember: call.target != nil, arguments, node)
    }

    private mutating func call(_ name: String, isMember: Bool, _ nodes: [Node], _ node: Node) -> any Plan {
        let arguments = nodes.map { compile($0) }
        if environment.functions[name] != nil { return HostCallPlan(name, arguments, node.range) }
        if name == "matches", arguments.count == 2, let pattern = arguments[1] as? ConstantPlan,
            case .string(let text) = pattern.value, let regex = try? Regex(text)
        {
            return MatchPlan(arguments[0], regex, node.range)
        }
        switch Builtin.named(name, isMember: isMember, argumentCount: arguments.count) {
        case .unary(let function): return UnaryCallPlan(function, arguments[0], node.range)
        case .binary(let function): return BinaryCallPlan(function, arguments[0], arguments[1], node.range)
        case .variadic(let function): return CallPlan(function, arguments, node.range)
        case nil:
            guard environment.function(named: name) != nil else {
                return FailurePlan(.noSuchFunction, "unbound function '\(name)'", at: node.range)
            }
            return FailurePlan(
                .noSuchOverload, "no such overload: \(name)() with \(arguments.count) arguments", at: node.range)
        }
    }

    // MARK: Constants

    /// Replaces a plan whose operands are all constant by its value; what fails is left to fail when evaluated.
    private func folded(_ plan: any Plan, _ node: Node) -> any Plan {
        switch node.kind {
        case .literal, .identifier, .comprehension: return plan
        default: break
        }
        let children = node.children
        guard !(plan is HostCallPlan), !(plan is FailurePlan), !(plan is ConstantPlan),
            children.allSatisfy({ plans[$0.id] is ConstantPlan })
        else { return plan }
        var frame = Frame(activation: Bindings(), zones: environment.zones, budget: 10_000)
        guard let value = try? plan.run(&frame) else { return plan }
        return ConstantPlan(value)
    }
}
