/// Writes a value in the canonical format piece by piece, without building it first.
///
/// Members may come in any order; where it is not that of their keys, an object is put in order when it ends. No key may
/// come twice.
///
///     var writer = CanonicalWriter()
///     writer.object { $0.member("due", "2026-11-28T09:00:00Z") }
public struct CanonicalWriter: Sendable {
    private var writer = JSONWriter(format: .canonical)
    /// The members of the objects that are open, the innermost last.
    private var members: [Member] = []
    /// Where those of the innermost begin.
    private var first = 0

    private struct Member: Sendable {
        let key: String
        let start: Int
    }

    /// Creates a writer with room for so many bytes.
    public init(capacity: Int = 256) {
        writer.output.reserveCapacity(capacity)
        members.reserveCapacity(32)
    }

    /// The bytes of an object with the members that `content` writes.
    public static func object(capacity: Int = 512, _ content: (inout CanonicalWriter) -> Void) -> [UInt8] {
        var writer = CanonicalWriter(capacity: capacity)
        writer.object(content)
        return writer.bytes
    }

    /// What has been written, as UTF-8.
    public var bytes: [UInt8] { writer.output }

    // MARK: - Values

    /// Writes a string.
    public mutating func write(_ value: String) { writer.writeString(value) }

    /// Writes a whole number.
    public mutating func write(_ value: Int64) { writer.writeInt(value) }

    /// Writes a value that has been built.
    public mutating func write(_ value: JSON) { writer.write(value) }

    /// Writes a string of ASCII that needs no escapes, as `content` appends it.
    public mutating func ascii(_ content: (inout [UInt8]) -> Void) {
        writer.output.append(UInt8(ascii: "\""))
        content(&writer.output)
        writer.output.append(UInt8(ascii: "\""))
    }

    /// Writes an array with what `write` writes for each element.
    public mutating func array<Element>(
        _ elements: some Sequence<Element>, _ write: (inout CanonicalWriter, Element) -> Void
    ) {
        writer.output.append(UInt8(ascii: "["))
        var isFirst = true
        for element in elements {
            if !isFirst { writer.output.append(UInt8(ascii: ",")) }
            isFirst = false
            write(&self, element)
        }
        writer.output.append(UInt8(ascii: "]"))
    }

    /// Writes an object with the members that `content` writes.
    public mutating func object(_ content: (inout CanonicalWriter) -> Void) {
        let outer = first
        first = members.count
        writer.output.append(UInt8(ascii: "{"))
        content(&self)
        putInOrder()
        members.removeSubrange(first...)
        writer.output.append(UInt8(ascii: "}"))
        first = outer
    }

    // MARK: - Members

    /// Begins a member; its value is to be written next.
    public mutating func key(_ key: String) {
        if members.count > first { writer.output.append(UInt8(ascii: ",")) }
        members.append(Member(key: key, start: writer.output.count))
        writer.writeString(key)
        writer.output.append(UInt8(ascii: ":"))
    }

    /// Writes a member; none where there is no value.
    public mutating func member(_ key: String, _ value: String?) {
        guard let value else { return }
        self.key(key)
        writer.writeString(value)
    }

    /// Writes a member.
    public mutating func member(_ key: String, _ value: Int64) {
        self.key(key)
        writer.writeInt(value)
    }

    /// Writes a member that has been built; none where there is no value.
    public mutating func member(_ key: String, _ value: JSON?) {
        guard let value else { return }
        self.key(key)
        writer.write(value)
    }

    private mutating func putInOrder() {
        let open = members[first...]
        guard zip(open, open.dropFirst()).contains(where: { $1.key.precedesInUTF16($0.key) }) else { return }
        let end = writer.output.count
        let ends = open.dropFirst().map { $0.start - 1 } + [end]
        let begin = open[first].start
        let written = Array(writer.output[begin...])
        writer.output.removeSubrange(begin...)
        for (index, place) in open.indices.sorted(by: { open[$0].key.precedesInUTF16(open[$1].key) }).enumerated() {
            if index > 0 { writer.output.append(UInt8(ascii: ",")) }
            writer.output += written[open[place].start - begin..<ends[place - first] - begin]
        }
    }
}
