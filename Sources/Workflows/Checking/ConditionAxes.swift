import CEL

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

extension Axis {
    /// The name of a condition that cannot be looked into: what it says.
    static func opaqueName(_ node: Node) -> String { "(\(Spelled.text(node)))" }
}

/// Gathers what conditions ask about, and chooses the values to try.
struct AxisCollector {
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
