/// A UUID; instances carry version 7, whose first 48 bits are milliseconds since 1970.
public struct Identifier: Sendable, Hashable, Comparable {
    /// The first eight bytes.
    public let high: UInt64
    /// The last eight bytes.
    public let low: UInt64

    /// Creates an identifier from its sixteen bytes as two big-endian halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Orders as the bytes do, which is PostgreSQL's order too.
    public static func < (a: Identifier, b: Identifier) -> Bool {
        (a.high, a.low) < (b.high, b.low)
    }
}

/// Names one of the things beside the states: a task, approval, clock or child, and which element of it.
public struct ItemKey: Sendable, Hashable, Comparable {
    /// The name in the definition.
    public var name: String
    /// The element; empty where there is only one.
    public var key: String

    /// Creates a key.
    public init(_ name: String, _ key: String = "") {
        self.name = name
        self.key = key
    }

    /// Orders by name, then key.
    public static func < (a: ItemKey, b: ItemKey) -> Bool {
        a.name == b.name ? a.key < b.key : a.name < b.name
    }
}
