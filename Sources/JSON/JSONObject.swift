/// The members of a JSON object: in the order of insertion, found by key, equal whatever their order.
///
/// Keys are compared byte for byte; no Unicode normalisation makes two of them one.
public struct JSONObject: Sendable {
    /// One member.
    public typealias Element = (key: String, value: JSON)

    /// Up to this many members a scan over the keys beats a hash table.
    private static let scanLimit = 12

    private var members: [Member] = []
    private var positions: [ExactString: Int] = [:]

    private struct Member: Sendable {
        let key: String
        var value: JSON
    }

    /// An object without members.
    public init() {}

    /// An object with these members; of a repeated key the last value stays, at the first one's place.
    public init(_ elements: some Sequence<(String, JSON)>) {
        for (key, value) in elements { self[key] = value }
    }

    /// The keys, in order.
    public var keys: [String] { members.map(\.key) }

    /// The values, in order.
    public var values: [JSON] { members.map(\.value) }

    /// Makes room for `count` members.
    public mutating func reserveCapacity(_ count: Int) {
        members.reserveCapacity(count)
    }

    /// The value of a member.
    ///
    /// Setting a new key appends it, setting nil removes the member.
    public subscript(key: String) -> JSON? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil): remove(at: position)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    /// Appends a member unless its key is there already; says whether it was appended.
    public mutating func insert(_ value: JSON, forNewKey key: String) -> Bool {
        guard position(of: key) == nil else { return false }
        append(key, value)
        return true
    }

    /// The places of the members by their keys' UTF-16 code units.
    var sortedPlaces: [Int] {
        guard members.count <= Self.scanLimit else {
            return members.indices.sorted { members[$0].key.precedesInUTF16(members[$1].key) }
        }
        var places: [Int] = []
        places.reserveCapacity(members.count)
        // Most of them stand in order already.
        for (place, member) in members.enumerated() {
            var slot = places.count
            while slot > 0, member.key.precedesInUTF16(members[places[slot - 1]].key) { slot -= 1 }
            places.insert(place, at: slot)
        }
        return places
    }

    private func position(of key: String) -> Int? {
        guard positions.isEmpty else { return positions[ExactString(key)] }
        return members.firstIndex { $0.key.hasSameBytes(as: key) }
    }

    /// Appends a member whose key is not there yet.
    mutating func append(_ key: String, _ value: JSON) {
        if members.capacity == 0 { members.reserveCapacity(4) }
        members.append(Member(key: key, value: value))
        if !positions.isEmpty {
            positions[ExactString(key)] = members.count - 1
        } else if members.count > Self.scanLimit {
            indexAgain()
        }
    }

    private mutating func remove(at position: Int) {
        members.remove(at: position)
        positions = [:]
        if members.count > Self.scanLimit { indexAgain() }
    }

    private mutating func indexAgain() {
        positions.reserveCapacity(members.count * 2)
        for (position, member) in members.enumerated() { positions[ExactString(member.key)] = position }
    }
}

extension JSONObject: RandomAccessCollection {
    /// The place of the first member.
    public var startIndex: Int { 0 }
    /// The place after the last member.
    public var endIndex: Int { members.count }
    /// The member at a place in the order.
    public subscript(position: Int) -> Element { (members[position].key, members[position].value) }
}

extension JSONObject: Hashable {
    /// The same keys with the same values, in whatever order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        return left.members.enumerated().allSatisfy { index, member in
            let other = right.members[index]
            if other.key.hasSameBytes(as: member.key) { return other.value == member.value }
            return right[member.key] == member.value
        }
    }

    /// Hashes in line with `==`, whatever the order.
    public func hash(into hasher: inout Hasher) {
        var sum = 0
        for member in members {
            var inner = Hasher()
            member.key.hashBytes(into: &inner)
            inner.combine(member.value)
            sum ^= inner.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object with these members, in this order; of a repeated key the last value stays.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self.init(elements)
    }
}
