import CEL
import Deadlines
import JSON

// What journals and snapshots are made of, written without detours: they are written at every step.
extension CanonicalWriter {
    mutating func write(_ instant: Instant) { ascii(atMost: Instant.longestText) { instant.write(into: $0) } }

    mutating func array<Elements: RandomAccessCollection>(
        _ elements: Elements, _ write: (inout CanonicalWriter, Elements.Element) -> Void
    ) where Elements.Index == Int {
        array(count: elements.count) { write(&$0, elements[elements.startIndex + $1]) }
    }

    mutating func member(_ key: StaticString, _ value: Instant?) {
        guard let value else { return }
        self.key(key)
        write(value)
    }

    /// Writes a flag where it is true.
    mutating func member(_ key: StaticString, flag: Bool) {
        if flag { member(key, JSON.bool(true)) }
    }

    /// Writes a list unless it is empty.
    mutating func member(_ key: StaticString, strings: [String]) {
        guard !strings.isEmpty else { return }
        self.key(key)
        array(strings) { $0.write($1) }
    }

    /// Writes a list unless it is empty.
    mutating func member<Element>(
        _ key: StaticString, list: [Element], _ write: (inout CanonicalWriter, Element) -> Void
    ) {
        guard !list.isEmpty else { return }
        self.key(key)
        array(list, write)
    }

    // MARK: - Values of CEL, as ``ValueCoding`` has them

    mutating func member(_ key: StaticString, _ value: CEL.Value?) {
        guard let value else { return }
        self.key(key)
        write(value)
    }

    mutating func member(named key: String, _ value: CEL.Value) {
        self.key(named: key)
        write(value)
    }

    mutating func member(_ key: StaticString, _ fields: [String: CEL.Value]) {
        self.key(key)
        object { writer in
            for (name, value) in fields.inOrder { writer.member(named: name, value) }
        }
    }

    mutating func member(_ key: StaticString, _ fields: Ordered<String, CEL.Value>) {
        self.key(key)
        object { writer in
            for (name, value) in fields { writer.member(named: name, value) }
        }
    }

    mutating func write(_ value: CEL.Value) {
        switch value {
        case .int(let value): write(value)
        case .string(let value): write(value)
        case .timestamp(let value) where value.nanos % 1000 == 0:
            let instant = Instant(microseconds: value.seconds * 1_000_000 + Int64(value.nanos / 1000))
            object { $0.member("$timestamp", instant) }
        case .list(let values): array(values) { $0.write($1) }
        case .map(let map) where map.entries.allSatisfy(\.isPlain):
            object { writer in
                for entry in map.entries {
                    if case .string(let key) = entry.key { writer.member(named: key, entry.value) }
                }
            }
        default: write(ValueCoding.json(value))
        }
    }
}

extension MapValue.Entry {
    /// Whether its key can be that of a JSON object.
    fileprivate var isPlain: Bool {
        if case .string(let key) = key { !key.hasPrefix("$") } else { false }
    }
}

extension Dictionary where Key: Comparable {
    /// The elements in the order of their keys.
    var inOrder: [Element] { count > 1 ? sorted { $0.key < $1.key } : Array(self) }
}
