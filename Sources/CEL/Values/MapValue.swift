import JSON

/// A key of a map; `1` and `1u` are one key, as they are equal in CEL.
public enum MapKey: Sendable, Hashable {
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case string(String)

    /// The key that a value stands for; nil for types that cannot be keys and for doubles with a fraction.
    public init?(_ value: Value) {
        switch value {
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .uint(let value): self = .uint(value)
        case .string(let value): self = .string(value)
        case .double(let value):
            if let whole = Int64(exactly: value) {
                self = .int(whole)
            } else if let whole = UInt64(exactly: value) {
                self = .uint(whole)
            } else {
                return nil
            }
        default: return nil
        }
    }

    /// The key as a value.
    public var value: Value {
        switch self {
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .uint(let value): .uint(value)
        case .string(let value): .string(value)
        }
    }

    /// Equal as values of CEL: numbers by their magnitude, strings byte for byte.
    public static func == (left: MapKey, right: MapKey) -> Bool {
        switch (left, right) {
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.uint(let left), .uint(let right)): left == right
        case (.int(let left), .uint(let right)): left >= 0 && UInt64(left) == right
        case (.uint(let left), .int(let right)): right >= 0 && UInt64(right) == left
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        default: false
        }
    }

    /// Hashes in line with `==`.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(UInt64(bitPattern: value))
        case .uint(let value): hasher.combine(value)
        case .string(let value): value.hashBytes(into: &hasher)
        }
    }
}

/// The entries of a map, in their order of insertion.
public struct MapValue: Sendable {
    /// One entry.
    public struct Entry: Sendable, Hashable {
        /// The key.
        public let key: MapKey
        /// The value.
        public let value: Value

        /// An entry of a map.
        public init(key: MapKey, value: Value) {
            self.key = key
            self.value = value
        }
    }

    /// Up to this many entries a scan beats a hash table.
    private static let scanLimit = 32

    private final class Storage: Sendable {
        let entries: [Entry]
        /// Where each key is; empty where there are few.
        let positions: [MapKey: Int]

        init(entries: [Entry], positions: [MapKey: Int]) {
            self.entries = entries
            self.positions = positions
        }

        /// Stores entries; of a repeated key the last value stays, or there is no storage.
        convenience init?(_ entries: [Entry], keepingLast: Bool) {
            let isIndexed = entries.count > scanLimit
            var unique: [Entry] = []
            var positions: [MapKey: Int] = Dictionary(minimumCapacity: isIndexed ? entries.count : 0)
            unique.reserveCapacity(entries.count)
            for entry in entries {
                let known =
                    isIndexed ? positions[entry.key] : unique.firstIndex { $0.key == entry.key }
                if let known {
                    guard keepingLast else { return nil }
                    unique[known] = entry
                } else {
                    if isIndexed { positions[entry.key] = unique.count }
                    unique.append(entry)
                }
            }
            self.init(entries: unique, positions: positions)
        }
    }

    private let storage: Storage

    /// A map with these entries, or nil where a key is repeated.
    public init?(uniqueEntries entries: [Entry]) {
        guard let storage = Storage(entries, keepingLast: false) else { return nil }
        self.storage = storage
    }

    /// A map from strings, in this order; of a repeated key the last value stays.
    public init(fields: [(String, Value)]) {
        let entries = fields.map { Entry(key: .string($0), value: $1) }
        storage = Storage(entries, keepingLast: true) ?? Storage(entries: entries, positions: [:])
    }

    /// A map from strings, ordered by key so that iteration is the same every time.
    public init(_ fields: [String: Value]) {
        self.init(distinct: fields.sorted { $0.key < $1.key }.map { Entry(key: .string($0.key), value: $0.value) })
    }

    /// A map with these entries, of whose keys it is known that none is repeated.
    package init(distinct entries: [Entry]) {
        guard entries.count > Self.scanLimit else {
            storage = Storage(entries: entries, positions: [:])
            return
        }
        storage = Storage(entries, keepingLast: true) ?? Storage(entries: entries, positions: [:])
    }

    /// The entries, in order.
    public var entries: [Entry] { storage.entries }

    /// How many entries there are.
    public var count: Int { storage.entries.count }

    /// The value of a key; nil where there is none.
    public subscript(key: MapKey) -> Value? {
        if storage.positions.isEmpty {
            for entry in storage.entries where entry.key == key { return entry.value }
            return nil
        }
        return storage.positions[key].map { storage.entries[$0].value }
    }

    /// The value of a string key; nil where there is none.
    public subscript(key: String) -> Value? {
        guard storage.positions.isEmpty else { return self[.string(key)] }
        for entry in storage.entries {
            if case .string(let other) = entry.key, other.hasSameBytes(as: key) { return entry.value }
        }
        return nil
    }
}

extension MapValue: Hashable {
    /// The same keys with the same values, in whatever order.
    public static func == (left: MapValue, right: MapValue) -> Bool {
        guard left.count == right.count else { return false }
        for (index, entry) in left.entries.enumerated() {
            // Equal maps have mostly been made in the same order.
            let other = right.entries[index]
            if other.key == entry.key {
                guard other.value == entry.value else { return false }
            } else {
                guard right[entry.key] == entry.value else { return false }
            }
        }
        return true
    }

    /// Hashes in line with `==`, whatever the order.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
    }
}
