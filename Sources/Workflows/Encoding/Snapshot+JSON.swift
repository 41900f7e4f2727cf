import CEL
import Deadlines
import JSON

extension Snapshot {
    /// What steps change beyond state and sequence, as canonical JSON; lists are sorted, so that equal snapshots are
    /// equal text.
    ///
    /// Identifier, reference, kind, parent, sequence, state, status and instants are not part of it: the instance's
    /// row holds them.
    public var variablePart: [UInt8] {
        CanonicalWriter.object(capacity: 1024) { writer in
            writer.people("acted", acted) { $0.sorted() }
            writer.items("approvals", approvals) { $0.write(to: &$1) }
            writer.items("children", children) { $0.write(to: &$1) }
            writer.items("clocks", clocks) { $0.write(to: &$1) }
            writer.member("data", data)
            writer.member("followed", strings: followed.sorted())
            writer.member("held", strings: held.sorted())
            writer.people("holders", holders) { $0 }
            writer.member("incomplete", strings: incomplete.sorted())
            writer.member("issued", issued)
            writer.items("tasks", tasks) { $0.write(to: &$1) }
            writer.member("unsettled", flag: isUnsettled)
            writer.member("wanted", strings: wanted.sorted())
        }
    }

    /// The part of a snapshot that an instance's row holds.
    public struct Head: Sendable, Equatable {
        /// The instance.
        public var id: Identifier
        /// The reference that people see.
        public var reference: String
        /// What it counts as.
        public var kind: Kind
        /// The instance that opened it.
        public var parent: Parent?
        /// Number of the last journal entry.
        public var sequence: Int64
        /// The present state.
        public var state: String
        /// Whether it still moves.
        public var status: Status
        /// When it was opened.
        public var openedAt: Instant
        /// The instant of the last step.
        public var lastAt: Instant

        /// Creates a head.
        public init(
            id: Identifier, reference: String, kind: Kind, parent: Parent?, sequence: Int64, state: String,
            status: Status, openedAt: Instant, lastAt: Instant
        ) {
            self.id = id
            self.reference = reference
            self.kind = kind
            self.parent = parent
            self.sequence = sequence
            self.state = state
            self.status = status
            self.openedAt = openedAt
            self.lastAt = lastAt
        }
    }

    /// Puts a snapshot together from its stored parts.
    public init(head: Head, variablePart: [UInt8]) throws(DecodingFault) {
        let result: Result<Snapshot, DecodingFault>
        do {
            result = try JSONView.read(variablePart) { view in
                Result { () throws(DecodingFault) in try Snapshot(head, JSONFields(view)) }
            }
        } catch {
            throw DecodingFault(path: "", expected: "JSON, not what is faulty at \(error)")
        }
        self = try result.get()
    }

    private init(_ head: Head, _ fields: JSONFields<some JSONSource>) throws(DecodingFault) {
        self.init(
            id: head.id, reference: head.reference, kind: head.kind, parent: head.parent, sequence: head.sequence,
            state: head.state, status: head.status, openedAt: head.openedAt, lastAt: head.lastAt,
            data: try fields.ordered("data", ValueCoding.value),
            followed: try fields.set("followed"),
            incomplete: try fields.set("incomplete"),
            holders: try fields.ordered("holders", Self.people),
            acted: try fields.ordered("acted") { (json, path) throws(DecodingFault) in Set(try Self.people(json, path))
            },
            tasks: try Self.items(fields, "tasks", TaskRecord.init),
            approvals: try Self.items(fields, "approvals", ApprovalRecord.init),
            clocks: try Self.items(fields, "clocks", ClockRecord.init),
            children: try Self.items(fields, "children", ChildRecord.init),
            wanted: try fields.set("wanted"),
            held: try fields.set("held"),
            isUnsettled: try fields.bool("unsettled"),
            issued: try fields.int("issued"))
    }

    private static func people(_ json: some JSONSource, _ path: String) throws(DecodingFault) -> [String] {
        guard json.isArray else { throw DecodingFault(path: path, expected: "a list of people") }
        var names: [String] = []
        names.reserveCapacity(json.count)
        json.eachElement { if let name = $1.stringValue { names.append(name) } }
        return names
    }

    private static func items<Source, Record>(
        _ fields: JSONFields<Source>, _ key: String, _ decode: (JSONFields<Source>) throws(DecodingFault) -> Record
    ) throws(DecodingFault) -> Ordered<ItemKey, Record> {
        var items = Ordered<ItemKey, Record>()
        try fields.eachElement(of: key) { (element) throws(DecodingFault) in
            let item = try JSONFields(element)
            items[try ItemKey(item)] = try decode(item)
        }
        return items
    }
}

extension CanonicalWriter {
    fileprivate mutating func people<Names>(
        _ key: StaticString, _ roles: Ordered<String, Names>, _ people: (Names) -> [String]
    ) {
        self.key(key)
        object { writer in
            for (role, names) in roles {
                writer.key(named: role)
                writer.array(people(names)) { $0.write($1) }
            }
        }
    }

    fileprivate mutating func items<Record>(
        _ key: StaticString, _ items: Ordered<ItemKey, Record>, _ write: (Record, inout CanonicalWriter) -> Void
    ) {
        guard !items.isEmpty else { return }
        self.key(key)
        array(items) { writer, item in
            writer.object { writer in
                item.key.write(to: &writer)
                write(item.value, &writer)
            }
        }
    }
}

extension ItemKey {
    func write(to writer: inout CanonicalWriter) {
        if !key.isEmpty { writer.member("key", key) }
        writer.member("name", name)
    }

    func write(to object: inout JSONObject) {
        object["name"] = .string(name)
        if !key.isEmpty { object["key"] = .string(key) }
    }

    /// The key as journals and answers name it.
    public var json: JSON {
        var object = JSONObject()
        write(to: &object)
        return .object(object)
    }

    init(_ fields: JSONFields<some JSONSource>) throws(DecodingFault) {
        self.init(try fields.string("name"), try fields.optionalString("key") ?? "")
    }
}
