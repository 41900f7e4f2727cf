/// Writes a value in the canonical format piece by piece, without building it first.
///
/// Members may come in any order; where it is not that of their keys, an object is put in order when it ends. No key may
/// come twice.
///
///     var writer = CanonicalWriter()
///     writer.object { $0.member("due", "2026-11-28T09:00:00Z") }
public struct CanonicalWriter: ~Copyable {
    private var writer: JSONWriter
    /// The members of the objects that are open, the innermost last.
    private var members: [Member] = []
    /// Where those of the innermost begin.
    private var first = 0
    /// Whether those of the innermost have come in order.
    private var isInOrder = true

    private struct Member {
        /// Where the key's quote stands.
        let start: Int
        /// Where the key's second quote stands.
        let end: Int
        /// Whether the key stands there without escapes.
        let isPlain: Bool
    }

    /// Creates a writer with room for so many bytes.
    public init(capacity: Int = 256) {
        writer = JSONWriter(format: .canonical, capacity: capacity)
        members.reserveCapacity(32)
    }

    /// The bytes of an object with the members that `content` writes.
    public static func object(capacity: Int = 512, _ content: (inout CanonicalWriter) -> Void) -> [UInt8] {
        var writer = CanonicalWriter(capacity: capacity)
        writer.object(content)
        return writer.bytes
    }

    /// What has been written, as UTF-8.
    public var bytes: [UInt8] { Array(writer.output.bytes) }

    // MARK: - Values

    /// Writes a string.
    public mutating func write(_ value: String) { writer.writeString(value) }

    /// Writes a whole number.
    public mutating func write(_ value: Int64) { writer.writeInt(value) }

    /// Writes a value that has been built.
    public mutating func write(_ value: JSON) { writer.write(value) }

    /// Writes a string of ASCII that needs no escapes: at most so many bytes, as `fill` writes them and counts them.
    package mutating func ascii(atMost limit: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        writer.output.append(UInt8(ascii: "\""))
        writer.output.append(atMost: limit, fill)
        writer.output.append(UInt8(ascii: "\""))
    }

    /// Writes an array of so many elements, each of which `write` writes by its place.
    public mutating func array(count: Int, _ write: (inout CanonicalWriter, Int) -> Void) {
        writer.output.append(UInt8(ascii: "["))
        for place in 0..<count {
            if place > 0 { writer.output.append(UInt8(ascii: ",")) }
            write(&self, place)
        }
        writer.output.append(UInt8(ascii: "]"))
    }

    /// Writes an object with the members that `content` writes.
    public mutating func object(_ content: (inout CanonicalWriter) -> Void) {
        let outer = (first, isInOrder)
        (first, isInOrder) = (members.count, true)
        writer.output.append(UInt8(ascii: "{"))
        content(&self)
        if !isInOrder { putInOrder() }
        members.removeLast(members.count - first)
        writer.output.append(UInt8(ascii: "}"))
        (first, isInOrder) = outer
    }

    // MARK: - Members

    /// Begins a member; its value is to be written next.
    ///
    /// - Parameter key: ASCII that needs no escapes.
    public mutating func key(_ key: StaticString) {
        let start = beginKey()
        writer.output.append(UInt8(ascii: "\""))
        writer.output.append(key)
        writer.output.append(UInt8(ascii: "\""))
        endKey(from: start, isPlain: true)
    }

    /// Begins a member of any name; its value is to be written next.
    public mutating func key(named key: String) {
        let start = beginKey()
        writer.writeString(key)
        endKey(from: start, isPlain: writer.output.count - start == key.utf8.count + 2)
    }

    private mutating func beginKey() -> Int {
        if members.count > first { writer.output.append(UInt8(ascii: ",")) }
        return writer.output.count
    }

    private mutating func endKey(from start: Int, isPlain: Bool) {
        let member = Member(start: start, end: writer.output.count - 1, isPlain: isPlain)
        if members.count > first, precedes(member, members[members.count - 1]) { isInOrder = false }
        members.append(member)
        writer.output.append(UInt8(ascii: ":"))
    }

    /// Writes a member; none where there is no value.
    public mutating func member(_ key: StaticString, _ value: String?) {
        guard let value else { return }
        self.key(key)
        writer.writeString(value)
    }

    /// Writes a member.
    public mutating func member(_ key: StaticString, _ value: Int64) {
        self.key(key)
        writer.writeInt(value)
    }

    /// Writes a member that has been built; none where there is no value.
    public mutating func member(_ key: StaticString, _ value: JSON?) {
        guard let value else { return }
        self.key(key)
        writer.write(value)
    }

    // MARK: - Order

    private mutating func putInOrder() {
        let open = members[first...]
        let begin = members[first].start
        let ends = open.dropFirst().map { $0.start - 1 } + [writer.output.count]
        var ordered: [UInt8] = []
        ordered.reserveCapacity(writer.output.count - begin)
        for place in open.indices.sorted(by: { precedes(open[$0], open[$1]) }) {
            if !ordered.isEmpty { ordered.append(UInt8(ascii: ",")) }
            ordered += writer.output.bytes[open[place].start..<ends[place - first]]
        }
        writer.output.replace(from: begin, with: ordered)
    }

    /// Whether a member comes before another.
    ///
    /// The first byte that differs decides, but in characters from U+E000 on and where there are escapes.
    private func precedes(_ left: Member, _ right: Member) -> Bool {
        guard left.isPlain, right.isPlain else { return key(left).precedesInUTF16(key(right)) }
        let bytes = writer.output.bytes
        let (length, other) = (left.end - left.start, right.end - right.start)
        for offset in 1..<max(1, min(length, other)) {
            let (one, another) = (bytes[left.start + offset], bytes[right.start + offset])
            if one == another { continue }
            return max(one, another) < 0xEE ? one < another : key(left).precedesInUTF16(key(right))
        }
        return length < other
    }

    private func key(_ member: Member) -> String {
        (try? JSON(parsing: Array(writer.output.bytes[member.start...member.end])))?.stringValue ?? ""
    }
}
