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
    /// How many comparisons, and how many comparisons of rows, are worth their time.
    private static let mostWork = 20_000_000

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
        let nodes = conditions.reduce(1) { $0 + ($1.map(Self.size) ?? 1) }
        let work = count.multipliedReportingOverflow(by: max(nodes, conditions.count * conditions.count))
        guard count <= Self.mostCells, !work.overflow, work.partialValue <= Self.mostWork else {
            cells = nil
            return
        }
        cells = (0..<count).map { cell in
            let choice = Choice(axes: axes, cell: cell)
            return conditions.map { $0.map(choice.isTrue) ?? true }
        }
    }

    private static func size(_ node: Node) -> Int {
        var count = 0
        node.forEach { _ in count += 1 }
        return count
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
