import CEL

/// Conditions over a few fields, judged by trying every combination of values that can make a difference.
///
/// Comparisons of a field with constants split its values into finitely many classes; one value stands for each. What is
/// no such comparison counts as a condition of its own that may be true or false.
struct ConditionTable {
    /// What becomes of a condition among those before it.
    enum Verdict: Equatable {
        /// It can be the first that is true.
        case live
        /// It is never true.
        case never
        /// One before it, or several together where the index is nil, are true whenever it is.
        case shadowed(by: Int?)
        /// There are too many combinations to try.
        case unknown
    }

    /// Two conditions that are true together, or none that is, with the values that show it.
    struct Witness {
        let rows: [Int]
        let values: String
        /// Whether a condition that cannot be looked into takes part.
        let isCertain: Bool
    }

    private static let mostCells = 50_000

    private let conditions: [Node?]
    private let axes: [Axis]
    /// The truth of each condition in each cell; nil where there are too many cells.
    private let cells: [[Bool]]?
    private let opaque: [Bool]

    /// - Parameter conditions: nil is always true.
    init(_ conditions: [Node?], fields: [String: Definition.Field]) {
        self.conditions = conditions
        var collector = AxisCollector(fields: fields)
        var opaque: [Bool] = []
        for condition in conditions {
            let before = collector.opaqueUses
            condition.map { collector.collect($0) }
            opaque.append(collector.opaqueUses > before)
        }
        self.opaque = opaque
        let axes = collector.axes
        self.axes = axes
        let count = axes.reduce(1) { $0 > Self.mostCells ? $0 : $0 * $1.values.count }
        guard count <= Self.mostCells else {
            cells = nil
            return
        }
        cells = (0..<count).map { cell in
            let choice = Choice(axes: axes, cell: cell)
            return conditions.map { $0.map(choice.isTrue) ?? true }
        }
    }

    func verdict(_ index: Int) -> Verdict {
        guard let cells else { return .unknown }
        let own = cells.filter { $0[index] }
        if own.isEmpty { return .never }
        if own.contains(where: { cell in !cell[..<index].contains(true) }) { return .live }
        return .shadowed(by: (0..<index).first { earlier in own.allSatisfy { $0[earlier] } })
    }

    /// Whether every combination was tried.
    var isDecidable: Bool { cells != nil }

    /// The first case in which two conditions are true together, for each pair.
    var overlaps: [Witness] {
        guard let cells else { return [] }
        var found: [Witness] = []
        for second in conditions.indices {
            for first in 0..<second {
                guard let cell = cells.firstIndex(where: { $0[first] && $0[second] }) else { continue }
                let isCertain = !opaque[first] && !opaque[second]
                found.append(
                    Witness(
                        rows: [first, second], values: Choice(axes: axes, cell: cell).description,
                        isCertain: isCertain))
            }
        }
        return found
    }

    /// The first case in which no condition is true.
    var gap: Witness? {
        guard let cells, let cell = cells.firstIndex(where: { !$0.contains(true) }) else { return nil }
        return Witness(
            rows: [], values: Choice(axes: axes, cell: cell).description, isCertain: !opaque.contains(true))
    }
}

/// One of the things that conditions ask about, with a value for each class that they tell apart.
struct Axis {
    enum Value: Hashable {
        case bool(Bool)
        case number(Double)
        case text(String)
        /// Any text that no condition names.
        case otherText
    }

    let name: String
    let isOpaque: Bool
    var values: [Value]
}

/// One combination of values.
private struct Choice {
    private let values: [String: Axis.Value]
    private let axes: [Axis]

    init(axes: [Axis], cell: Int) {
        var rest = cell
        var values: [String: Axis.Value] = [:]
        for axis in axes {
            values[axis.name] = axis.values[rest % axis.values.count]
            rest /= axis.values.count
        }
        self.values = values
        self.axes = axes
    }

    func isTrue(_ node: Node) -> Bool {
        switch node.kind {
        case .literal(.bool(let value)): return value
        case .and(let operands): return operands.allSatisfy(isTrue)
        case .or(let operands): return operands.contains(where: isTrue)
        case .unary(.not, let operand): return !isTrue(operand)
        case .conditional(let condition, let then, let otherwise):
            return isTrue(condition) ? isTrue(then) : isTrue(otherwise)
        default: break
        }
        guard let atom = Atom(node) else { return values[Axis.opaqueName(node)] == .bool(true) }
        guard let value = values[atom.name] else { return false }
        return atom.holds(for: value)
    }

    var description: String {
        let parts = axes.compactMap { axis -> String? in
            guard !axis.isOpaque, let value = values[axis.name] else { return nil }
            switch value {
            case .bool(let truth): return "\(axis.name) is \(truth)"
            case .number(let number):
                return
                    "\(axis.name) is \(number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)")"
            case .text(let text): return "\(axis.name) is \"\(text)\""
            case .otherText: return "\(axis.name) is any other text"
            }
        }
        return parts.isEmpty ? "always" : parts.joined(separator: ", ")
    }
}

extension Axis {
    /// The name of a condition that cannot be looked into: what it says.
    static func opaqueName(_ node: Node) -> String { "(\(Spelled.text(node)))" }
}

/// A comparison of one thing with constants.
struct Atom {
    enum Test {
        case isTrue
        case compare(Node.BinaryOperator, Axis.Value)
        case isIn([Axis.Value])
    }

    let name: String
    let test: Test

    init?(_ node: Node) {
        switch node.kind {
        case .has: (name, test) = (Spelled.text(node), .isTrue)
        case .identifier, .select:
            guard let path = Proof.path(node) else { return nil }
            (name, test) = (path, .isTrue)
        case .binary(.isIn, let left, let right):
            guard let path = Self.subject(left), case .list(let elements) = right.kind else { return nil }
            let values = elements.compactMap(Self.constant)
            guard values.count == elements.count else { return nil }
            (name, test) = (path, .isIn(values))
        case .binary(let comparison, let left, let right):
            if let path = Self.subject(left), let value = Self.constant(right) {
                (name, test) = (path, .compare(comparison, value))
            } else if let path = Self.subject(right), let value = Self.constant(left),
                let turned = Self.turned[comparison]
            {
                (name, test) = (path, .compare(turned, value))
            } else {
                return nil
            }
        default: return nil
        }
    }

    private static let turned: [Node.BinaryOperator: Node.BinaryOperator] = [
        .equal: .equal, .notEqual: .notEqual, .less: .greater, .lessOrEqual: .greaterOrEqual, .greater: .less,
        .greaterOrEqual: .lessOrEqual,
    ]

    /// A field, or the size of one.
    private static func subject(_ node: Node) -> String? {
        if let path = Proof.path(node) { return path }
        guard case .call(let call) = node.kind, call.function.text == "size" else { return nil }
        let argument = call.target ?? call.arguments.first
        return argument.flatMap(Proof.path).map { "size(\($0))" }
    }

    private static func constant(_ node: Node) -> Axis.Value? {
        if case .unary(.negate, let operand) = node.kind, case .number(let number)? = constant(operand) {
            return .number(-number)
        }
        switch node.literalValue {
        case .bool(let value)?: return .bool(value)
        case .int(let value)?: return .number(Double(value))
        case .uint(let value)?: return .number(Double(value))
        case .double(let value)?: return .number(value)
        case .string(let value)?: return .text(value)
        default: return nil
        }
    }

    /// The constants that the test names.
    var constants: [Axis.Value] {
        switch test {
        case .isTrue: [.bool(true)]
        case .compare(_, let value): [value]
        case .isIn(let values): values
        }
    }

    func holds(for value: Axis.Value) -> Bool {
        switch test {
        case .isTrue: return value == .bool(true)
        case .isIn(let values): return values.contains(value)
        case .compare(.equal, let other): return value == other
        case .compare(.notEqual, let other): return value != other
        case .compare(let comparison, .number(let bound)):
            guard case .number(let number) = value else { return false }
            switch comparison {
            case .less: return number < bound
            case .lessOrEqual: return number <= bound
            case .greater: return number > bound
            case .greaterOrEqual: return number >= bound
            default: return false
            }
        case .compare: return false
        }
    }
}

/// Gathers what conditions ask about, and chooses the values to try.
private struct AxisCollector {
    let fields: [String: Definition.Field]
    private var constants: [(name: String, values: [Axis.Value])] = []
    private(set) var opaqueUses = 0

    init(fields: [String: Definition.Field]) {
        self.fields = fields
    }

    mutating func collect(_ node: Node) {
        switch node.kind {
        case .literal(.bool): return
        case .and(let operands), .or(let operands): for operand in operands { collect(operand) }
        case .unary(.not, let operand): collect(operand)
        case .conditional(let condition, let then, let otherwise):
            for part in [condition, then, otherwise] { collect(part) }
        default:
            guard let atom = Atom(node), isOrdered(atom) else {
                opaqueUses += 1
                add(Axis.opaqueName(node), [.bool(true)])
                return
            }
            add(atom.name, atom.constants)
        }
    }

    /// Order among texts is not looked into.
    private func isOrdered(_ atom: Atom) -> Bool {
        guard case .compare(let comparison, let value) = atom.test, ![.equal, .notEqual].contains(comparison) else {
            return true
        }
        if case .number = value { return true }
        return false
    }

    private mutating func add(_ name: String, _ values: [Axis.Value]) {
        if let index = constants.firstIndex(where: { $0.name == name }) {
            constants[index].values += values
        } else {
            constants.append((name, values))
        }
    }

    var axes: [Axis] {
        constants.map { name, values in
            Axis(name: name, isOpaque: name.hasPrefix("("), values: candidates(name, values))
        }
    }

    private func candidates(_ name: String, _ constants: [Axis.Value]) -> [Axis.Value] {
        if constants.contains(where: { if case .bool = $0 { true } else { false } }) {
            return [.bool(false), .bool(true)]
        }
        let schema = name.hasPrefix("data.") ? fields[String(name.dropFirst(5))]?.schema : nil
        let texts = constants.compactMap { if case .text(let text) = $0 { text } else { nil } }
        if !texts.isEmpty {
            let allowed = schema?.allowed.compactMap(\.stringValue) ?? []
            if !allowed.isEmpty { return Set(allowed).sorted().map { .text($0) } }
            return Set(texts).sorted().map { .text($0) } + [.otherText]
        }
        let numbers = Set(constants.compactMap { if case .number(let number) = $0 { number } else { nil } }).sorted()
        return representatives(numbers, name: name, schema: schema).map { .number($0) }
    }

    /// The constants themselves and a number in every stretch between and beside them, within the field's bounds.
    private func representatives(_ numbers: [Double], name: String, schema: Definition.Schema?) -> [Double] {
        var isWhole = name.hasPrefix("size(")
        if case .integer? = schema?.shape { isWhole = true }
        var values = Set(numbers)
        for (number, next) in zip(numbers, numbers.dropFirst()) {
            let middle = isWhole ? number + 1 : (number + next) / 2
            if middle < next { values.insert(middle) }
        }
        if let first = numbers.first { values.insert(first - 1) }
        if let last = numbers.last { values.insert(last + 1) }
        let least = name.hasPrefix("size(") ? 0 : schema?.minimum ?? -.infinity
        let most = schema?.maximum ?? .infinity
        if least.isFinite { values.insert(least) }
        if most.isFinite { values.insert(most) }
        return values.filter { number in
            number >= least && number <= most && number > schema?.exclusiveMinimum ?? -.infinity
                && number < schema?.exclusiveMaximum ?? .infinity
        }.sorted()
    }
}

/// What a condition cannot be true without.
enum Demand {
    /// The paths that must be true for the node to be.
    static func paths(_ node: Node) -> Set<String> {
        switch node.kind {
        case .identifier, .select: Proof.path(node).map { [$0] } ?? []
        case .and(let operands): operands.reduce(into: []) { $0.formUnion(paths($1)) }
        case .or(let operands):
            operands.dropFirst().reduce(operands.first.map(paths) ?? []) { $0.intersection(paths($1)) }
        default: []
        }
    }
}

/// Writes a node so that equal conditions read the same, whatever their spaces.
enum Spelled {
    static func text(_ node: Node) -> String {
        switch node.kind {
        case .literal(let value): return "\(value)"
        case .identifier(let name, _): return name
        case .select(let operand, let name): return "\(text(operand)).\(name.text)"
        case .has(let operand, let name): return "has(\(text(operand)).\(name.text))"
        case .index(let operand, let index): return "\(text(operand))[\(text(index))]"
        case .unary(let sign, let operand): return "\(sign.rawValue)\(text(operand))"
        case .binary(let sign, let left, let right): return "(\(text(left)) \(sign.rawValue) \(text(right)))"
        case .and(let operands): return "(\(operands.map(text).joined(separator: " && ")))"
        case .or(let operands): return "(\(operands.map(text).joined(separator: " || ")))"
        case .conditional(let condition, let then, let otherwise):
            return "(\(text(condition)) ? \(text(then)) : \(text(otherwise)))"
        case .list(let elements): return "[\(elements.map(text).joined(separator: ", "))]"
        case .map(let entries):
            return "{\(entries.map { "\(text($0.key)): \(text($0.value))" }.joined(separator: ", "))}"
        case .call(let call):
            let target = call.target.map { text($0) + "." } ?? ""
            return "\(target)\(call.function.text)(\(call.arguments.map(text).joined(separator: ", ")))"
        case .comprehension(let macro):
            let names = macro.variables.map(\.text).joined(separator: ", ")
            let filter = macro.filter.map { text($0) + ", " } ?? ""
            return "\(text(macro.range)).\(macro.macro.rawValue)(\(names), \(filter)\(text(macro.body)))"
        }
    }
}
