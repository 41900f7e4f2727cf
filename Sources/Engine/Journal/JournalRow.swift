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
        var bytes: [UInt8] = [UInt8(Self.encoding)]
        bytes.reserveCapacity(256 + facts.count)
        func append(_ content: [UInt8]?) {
            let length = content.map { UInt32($0.count) } ?? .max
            withUnsafeBytes(of: length.bigEndian) { bytes.append(contentsOf: $0) }
            if let content { bytes.append(contentsOf: content) }
        }
        func append(_ number: Int64?) {
            append(number.map { number in withUnsafeBytes(of: number.bigEndian) { Array($0) } })
        }
        append(tenant.bytes)
        append(instance.bytes)
        append(sequence)
        append(happenedAt.microseconds)
        append(recordedAt.microseconds)
        append(Int64(incarnation))
        append(Array(definition.utf8))
        append(Int64(version))
        for text in [kind, event, from, to, status, actor] { append(Array(text.utf8)) }
        append(erases)
        append(facts)
        append(payloadHMAC)
        return bytes
    }

    /// SHA-256 of ``canonicalBytes``.
    var hash: [UInt8] { Digest.sha256(canonicalBytes) }
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
    var facts: JSON
    var payload: JSON?

    /// The record of a step: its input, the answers it used, what followed, and the digest of the snapshot.
    init(input: Input, step: Step, snapshotDigest: String) {
        let parts = input.parts
        var facts = JSONObject()
        var payload = JSONObject()
        facts["input"] = parts.facts
        if let written = parts.written { payload["input"] = written }
        var open: [JSON] = []
        var personal: [JSON] = []
        for (question, answer) in step.reads {
            let pair: JSON = ["question": question.json, "answer": ReadAnswer.json(answer)]
            if question.mayHoldPersonalText { personal.append(pair) } else { open.append(pair) }
        }
        if !open.isEmpty { facts["reads"] = .array(open) }
        if !personal.isEmpty { payload["reads"] = .array(personal) }
        if let notes = step.entries.first?.notes, !notes.isEmpty { facts["notes"] = .array(notes.map(\.json)) }
        facts["snapshot"] = .string(snapshotDigest)
        self.facts = .object(facts)
        self.payload = payload.isEmpty ? nil : .object(payload)
    }

    /// Facts of the entries after the first, which are `always` moves of the same step.
    static func facts(ofFollowing entry: Entry) -> JSON {
        entry.notes.isEmpty ? [:] : ["notes": .array(entry.notes.map(\.json))]
    }
}

extension JournalRow {
    /// What a fault says of itself; nil where the row has none.
    var faultMessage: String? {
        (try? JSON(parsing: facts))?["notes"]?.arrayValue?.last { $0["note"] == "fault" }?["message"]?.stringValue
    }
}
