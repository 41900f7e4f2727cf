/// Values by their keys, in the order of the keys.
///
/// It is a dictionary for few entries: to search among them takes less time than to hash a key.
public struct Ordered<Key: Comparable & Sendable, Value: Sendable>: Sendable {
    @usableFromInline
    struct Entry: Sendable {
        @usableFromInline let key: Key
        @usableFromInline var value: Value

        @inlinable
        init(key: Key, value: Value) { (self.key, self.value) = (key, value) }
    }

    @usableFromInline var entries: [Entry] = []

    /// No values.
    @inlinable
    public init() {}

    /// These values; of a repeated key the last stays.
    @inlinable
    public init(_ pairs: some Sequence<(Key, Value)>) {
        for (key, value) in pairs { self[key] = value }
    }

    /// Where a key is, or would be.
    @inlinable
    func place(of key: Key) -> (index: Int, isTaken: Bool) {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return (low, low < entries.count && entries[low].key == key)
    }

    /// The value of a key; nil where it has none.
    @inlinable
    public subscript(key: Key) -> Value? {
        get {
            let place = place(of: key)
            return place.isTaken ? entries[place.index].value : nil
        }
        set {
            let place = place(of: key)
            switch (place.isTaken, newValue) {
            case (true, let value?): entries[place.index].value = value
            case (true, nil): entries.remove(at: place.index)
            case (false, let value?): entries.insert(Entry(key: key, value: value), at: place.index)
            case (false, nil): break
            }
        }
    }

    /// Looks at the value of a key in its place; nil where it has none.
    @inlinable
    public func read<Result>(_ key: Key, _ look: (Value) -> Result) -> Result? {
        let place = place(of: key)
        return place.isTaken ? look(entries[place.index].value) : nil
    }

    /// Changes the value of a key in its place; nil where it has none.
    @discardableResult
    @inlinable
    public mutating func update<Result>(_ key: Key, _ change: (inout Value) -> Result) -> Result? {
        let place = place(of: key)
        return place.isTaken ? change(&entries[place.index].value) : nil
    }

    /// The keys, in order.
    @inlinable
    public var keys: [Key] { entries.map(\.key) }

    /// The values, in the order of their keys.
    @inlinable
    public var values: [Value] { entries.map(\.value) }
}

extension Ordered: RandomAccessCollection {
    /// The first place.
    @inlinable
    public var startIndex: Int { 0 }

    /// The place behind the last.
    @inlinable
    public var endIndex: Int { entries.count }

    /// The key and value at a place.
    @inlinable
    public subscript(position: Int) -> (key: Key, value: Value) {
        (entries[position].key, entries[position].value)
    }
}

extension Ordered: ExpressibleByDictionaryLiteral {
    /// These values; of a repeated key the last stays.
    @inlinable
    public init(dictionaryLiteral elements: (Key, Value)...) { self.init(elements) }
}

extension Ordered.Entry: Equatable where Value: Equatable {}
extension Ordered: Equatable where Value: Equatable {}
