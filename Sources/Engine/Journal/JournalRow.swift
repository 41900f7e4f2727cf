import CEL
import Deadlines
import JSON
import Workflows

/// One row of the journal on its way to the database.
struct JournalRow: Sendable, Equatable {
    /// The version of the encoding that ``canonicalBytes`` writes.
    static let encoding: Int16 = 1

    var tenant: Identifier
    var instance: Identifier
    var sequence: Int64
    var happenedAt: Instant
    var recordedAt: Instant
    var incarnation: Int32
    var definition: String
    var version: Int32
    var kind: String
    var event: String
    var from: String
    var to: String
    var status: String
    var actor: String
    var erases: Int64?
    /// Canonical JSON.
    var facts: [UInt8]
    var payloadHMAC: [UInt8]?

    /// The row in one sequence of bytes, whose SHA-256 stands in the row.
    ///
    /// Encoding 1: the number of the encoding in one byte, then each field as its length in four bytes, most
    /// significant first, and its content. Identifiers are 16 bytes, numbers and instants (microseconds since 1970)
    /// 8 bytes, most significant first, texts UTF-8; a field that is absent has the length 2³² - 1 and no content.
    var canonicalBytes: [UInt8] {
        var writer = FieldWriter(capacity: 512 + facts.count)
        writer.append(UInt8(Self.encoding))
        writer.append(tenant)
        writer.append(instance)
        writer.append(sequence)
        writer.append(happenedAt.microseconds)
        writer.append(recordedAt.microseconds)
        writer.append(Int64(incarnation))
        writer.append(definition)
        writer.append(Int64(version))
        writer.append(kind)
        writer.append(event)
        writer.append(from)
        writer.append(to)
        writer.append(status)
        writer.append(actor)
        writer.append(erases)
        writer.append(facts)
        writer.append(payloadHMAC)
        return writer.bytes
    }

    /// SHA-256 of ``canonicalBytes``.
    var hash: [UInt8] { Digest.sha256(canonicalBytes) }
}

/// Writes fields as ``JournalRow/canonicalBytes`` has them.
private struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    private mutating func append(number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(length: Int?) { append(number: length.map(UInt32.init) ?? .max) }

    mutating func append(_ identifier: Identifier) {
        append(length: 16)
        append(number: identifier.high)
        append(number: identifier.low)
    }

    mutating func append(_ number: Int64?) {
        append(length: number.map { _ in 8 })
        if let number { append(number: number) }
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { content in
            append(length: content.count)
            bytes.append(contentsOf: content)
        }
    }

    mutating func append(_ content: [UInt8]?) {
        append(length: content?.count)
        if let content { bytes.append(contentsOf: content) }
    }
}

/// What people wrote, kept apart from the facts so that it can be erased.
struct PayloadRow: Sendable, Equatable {
    var key: InstanceKey
    var sequence: Int64
    var payload: [UInt8]
    var salt: [UInt8]
    var subject: String?
}

/// What the first entry of a step keeps beside its columns, in the two parts of facts and payload.
struct StepRecord: Sendable {
    /// Canonical JSON.
    var facts: [UInt8]
    /// Canonical JSON; nil where nobody wrote anything.
    var payload: [UInt8]?

    /// The record of a step: its input, the answers it used, what followed, and the digest of the snapshot.
    init(input: Input, step: Step, snapshotDigest: [UInt8]) {
        var open: [JSON] = []
        var personal: [JSON] = []
        for (question, answer) in step.reads {
            let pair: JSON = ["question": question.json, "answer": ReadAnswer.json(answer)]
            if question.mayHoldPersonalText { personal.append(pair) } else { open.append(pair) }
        }
        var written: JSON?
        facts = CanonicalWriter.object { writer in
            writer.key("input")
            written = input.writeFacts(to: &writer)
            writer.notes(step.entries.first?.notes ?? [])
            if !open.isEmpty { writer.member("reads", .array(open)) }
            writer.key("snapshot")
            writer.ascii(atMost: 64) { Digest.write(snapshotDigest, into: $0) }
        }
        var payload = JSONObject()
        if let written { payload["input"] = written }
        if !personal.isEmpty { payload["reads"] = .array(personal) }
        self.payload = payload.isEmpty ? nil : JSON.object(payload).bytes(.canonical)
    }

    /// Facts of the entries after the first, which are further moves of the same step.
    static func facts(ofFollowing entry: Entry) -> [UInt8] {
        CanonicalWriter.object { $0.notes(entry.notes) }
    }
}

extension CanonicalWriter {
    fileprivate mutating func notes(_ notes: [Note]) {
        guard !notes.isEmpty else { return }
        key("notes")
        array(count: notes.count) { notes[$1].write(to: &$0) }
    }
}

extension JournalRow {
    /// What a fault says of itself; nil where the row has none.
    var faultMessage: String? {
        (try? JSON(parsing: facts))?["notes"]?.arrayValue?.last { $0["note"] == "fault" }?["message"]?.stringValue
    }
}
