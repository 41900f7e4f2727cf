import JSON

/// A macro that visits the elements of a list or the keys of a map.
final class ComprehensionPlan: Plan {
    let macro: Node.Macro
    let source: any Plan
    /// Where the first variable lies among the frame's locals; the second, if any, lies behind it.
    let slot: Int
    let isPair: Bool
    let filter: (any Plan)?
    let body: any Plan
    /// What one step costs.
    let weight: Int
    let range: SourceRange

    init(
        _ macro: Node.Macro, over source: any Plan, slot: Int, isPair: Bool, filter: (any Plan)?, body: any Plan,
        weight: Int, _ range: SourceRange
    ) {
        self.macro = macro
        self.source = source
        self.slot = slot
        self.isPair = isPair
        self.filter = filter
        self.body = body
        self.weight = weight
        self.range = range
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        var fold = Fold(macro)
        let values = try source.run(&frame)
        frame.locals.append(.null)
        if isPair { frame.locals.append(.null) }
        defer { frame.locals.removeLast(isPair ? 2 : 1) }

        switch values {
        case .list(let elements):
            for (index, element) in elements.enumerated() {
                let first: Value = isPair ? .int(Int64(index)) : element
                guard try step(first, element, &fold, &frame) else { break }
            }
        case .map(let map):
            for entry in map.entries {
                guard try step(entry.key.value, entry.value, &fold, &frame) else { break }
            }
        case .object(let object):
            guard let names = object.memberNames else {
                throw EvaluationError(.noSuchOverload, "the fields of this record cannot be listed", at: range)
            }
            for name in names {
                guard try step(.string(name), object.member(name) ?? .null, &fold, &frame) else { break }
            }
        default:
            throw EvaluationError(
                .noSuchOverload, "expected a list or a map, found a value of type \(values.type.name)", at: range)
        }
        return try fold.result(at: range)
    }

    /// Visits one element; false when the result is decided.
    private func step(
        _ first: Value, _ second: Value, _ fold: inout Fold, _ frame: inout Frame
    ) throws(EvaluationError) -> Bool {
        try frame.charge(weight)
        frame.locals[slot] = first
        if isPair { frame.locals[slot + 1] = second }
        if let filter {
            guard case .bool(let passes) = try filter.run(&frame) else { throw noBool() }
            guard passes else { return true }
        }
        switch macro {
        case .all: return try fold.decide(by: false) { () throws(EvaluationError) in try condition(&frame) }
        case .exists: return try fold.decide(by: true) { () throws(EvaluationError) in try condition(&frame) }
        case .existsOne: if try condition(&frame) { fold.count += 1 }
        case .filter: if try condition(&frame) { fold.elements.append(first) }
        case .map, .transformList: fold.elements.append(try body.run(&frame))
        case .transformMap:
            guard let key = MapKey(first) else { throw noBool() }
            fold.entries.append(MapValue.Entry(key: key, value: try body.run(&frame)))
        case .transformMapEntry:
            guard case .map(let map) = try body.run(&frame) else {
                throw EvaluationError(.noSuchOverload, "expected a map with one entry", at: range)
            }
            try frame.charge(map.count)
            fold.entries.append(contentsOf: map.entries)
        }
        return true
    }

    private func condition(_ frame: inout Frame) throws(EvaluationError) -> Bool {
        guard case .bool(let value) = try body.run(&frame) else { throw noBool() }
        return value
    }

    private func noBool() -> EvaluationError {
        EvaluationError(.noSuchOverload, "the condition of \(macro.rawValue)() is no bool", at: range)
    }
}

/// What a macro has gathered so far.
private struct Fold {
    let macro: Node.Macro
    var elements: [Value] = []
    var entries: [MapValue.Entry] = []
    var count = 0
    private var decided = false
    private var failure: EvaluationError?

    init(_ macro: Node.Macro) { self.macro = macro }

    /// Asks a condition whose error yields to a later element that decides; false when this one does.
    mutating func decide(
        by deciding: Bool, _ condition: () throws(EvaluationError) -> Bool
    ) throws(EvaluationError) -> Bool {
        do throws(EvaluationError) {
            decided = try condition() == deciding
            return !decided
        } catch {
            guard error.isAbsorbable else { throw error }
            failure = failure ?? error
            return true
        }
    }

    func result(at range: SourceRange) throws(EvaluationError) -> Value {
        switch macro {
        case .all, .exists:
            if decided { return .bool(macro == .exists) }
            if let failure { throw failure }
            return .bool(macro == .all)
        case .existsOne: return .bool(count == 1)
        case .map, .filter, .transformList: return .list(elements)
        case .transformMap, .transformMapEntry:
            guard let map = MapValue(uniqueEntries: entries) else {
                throw EvaluationError(.invalidArgument, "a key is produced a second time", at: range)
            }
            return .map(map)
        }
    }
}
