/// What tells one prepared statement from another: the text and the declared types.
struct StatementKey: Hashable {
    var sql: String
    var types: [PostgresType]
}

/// The prepared statements of one connection, the least recently used going first.
struct StatementCache {
    struct Entry {
        var name: String
        /// When it was last used, on a clock that counts uses.
        var used: UInt64
    }

    let capacity: Int
    private var entries: [StatementKey: Entry] = [:]
    /// The last one that was asked for, since it is often asked for again.
    private var recent: (key: StatementKey, name: String)?
    private var uses: UInt64 = 0
    private var names: UInt64 = 0

    init(capacity: Int) { self.capacity = max(1, capacity) }

    var count: Int { entries.count }

    /// The name under which a statement is prepared.
    mutating func name(of key: StatementKey) -> String? {
        if let recent, recent.key == key { return recent.name }
        uses += 1
        guard let index = entries.index(forKey: key) else { return nil }
        entries.values[index].used = uses
        recent = (key, entries.values[index].name)
        return entries.values[index].name
    }

    /// A name that was never used on this connection.
    mutating func freshName() -> String {
        names += 1
        return "r\(names)"
    }

    /// Remembers that a statement is prepared.
    mutating func insert(_ key: StatementKey, name: String) {
        uses += 1
        entries[key] = Entry(name: name, used: uses)
        recent = (key, name)
    }

    /// Forgets a statement that is of no use any more; false when it is not known.
    mutating func remove(named name: String) -> Bool {
        guard let index = entries.firstIndex(where: { $0.value.name == name }) else { return false }
        entries.remove(at: index)
        recent = nil
        return true
    }

    /// Takes out what exceeds the capacity and returns the names to be deallocated.
    ///
    /// The search is linear, but happens only when a statement has just been prepared over a full cache.
    mutating func evict() -> [String] {
        var evicted: [String] = []
        while entries.count > capacity, let oldest = entries.min(by: { $0.value.used < $1.value.used }) {
            evicted.append(oldest.value.name)
            entries[oldest.key] = nil
            if oldest.key == recent?.key { recent = nil }
        }
        return evicted
    }
}
