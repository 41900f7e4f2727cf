import JSON

extension Value {
    /// Whether `==` holds in CEL: numbers by magnitude whatever their types, NaN equal to nothing, values of
    /// different types never equal.
    public func celEquals(_ other: Value) -> Bool {
        switch (self, other) {
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.int(let left), .int(let right)): left == right
        case (.bool(let left), .bool(let right)): left == right
        case (.timestamp(let left), .timestamp(let right)): left == right
        case (.duration(let left), .duration(let right)): left == right
        case (.null, .null): true
        case (.bytes(let left), .bytes(let right)): left == right
        case (.type(let left), .type(let right)): left == right
        case (.list(let left), .list(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.celEquals($1) }
        case (.map(let left), .map(let right)):
            left.count == right.count
                && left.entries.allSatisfy { entry in right[entry.key].map { entry.value.celEquals($0) } ?? false }
        case (.object(let left), .object(let right)): left.isEqual(to: right)
        default: Number(self).flatMap { left in Number(other).map { left.order($0) == .same } } ?? false
        }
    }

    /// How two values are ordered; nil where their types have no common order.
    func order(_ other: Value) -> Order? {
        switch (self, other) {
        case (.timestamp(let left), .timestamp(let right)): Order(left, right)
        case (.int(let left), .int(let right)): Order(left, right)
        case (.duration(let left), .duration(let right)): Order(left, right)
        case (.string(let left), .string(let right)): Order(left.utf8, right.utf8)
        case (.bytes(let left), .bytes(let right)): Order(left, right)
        case (.bool(let left), .bool(let right)): Order(left ? 1 : 0, right ? 1 : 0)
        default: Number(self).flatMap { left in Number(other).map { left.order($0) } }
        }
    }
}

/// The outcome of comparing two values.
enum Order {
    case before, same, after
    /// One of them is NaN.
    case unordered

    init<T: Comparable>(_ left: T, _ right: T) {
        self = left < right ? .before : (left == right ? .same : .after)
    }

    /// Orders byte by byte, which for UTF-8 is the order of code points.
    init(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) {
        var left = left.makeIterator()
        var right = right.makeIterator()
        while true {
            switch (left.next(), right.next()) {
            case (nil, nil):
                self = .same
                return
            case (nil, _):
                self = .before
                return
            case (_, nil):
                self = .after
                return
            case (let one?, let other?) where one != other:
                self = one < other ? .before : .after
                return
            default: continue
            }
        }
    }

    var reversed: Order {
        switch self {
        case .before: .after
        case .after: .before
        default: self
        }
    }
}

/// A number of any of the three types, for comparing across them.
private enum Number {
    case int(Int64)
    case uint(UInt64)
    case double(Double)

    init?(_ value: Value) {
        switch value {
        case .int(let value): self = .int(value)
        case .uint(let value): self = .uint(value)
        case .double(let value): self = .double(value)
        default: return nil
        }
    }

    func order(_ other: Number) -> Order {
        switch (self, other) {
        case (.int(let left), .int(let right)): Order(left, right)
        case (.uint(let left), .uint(let right)): Order(left, right)
        case (.double(let left), .double(let right)): left.isNaN || right.isNaN ? .unordered : Order(left, right)
        case (.int(let left), .uint(let right)): left < 0 ? .before : Order(UInt64(left), right)
        case (.uint, .int): other.order(self).reversed
        // As in the reference implementation, an integer beside a double is rounded to one.
        case (.int(let left), .double): Number.double(Double(left)).order(other)
        case (.uint(let left), .double): Number.double(Double(left)).order(other)
        case (.double, _): other.order(self).reversed
        }
    }
}
