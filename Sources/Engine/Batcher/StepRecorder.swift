import CEL
import Deadlines
import JSON
import Workflows

/// Turns one step into rows.
struct StepRecorder {
    let key: InstanceKey
    let definition: DefinitionKey
    let found: Found
    let previous: Snapshot?
    let input: Input
    let step: Step
    /// Sequence and hash of the first row.
    private(set) var first: (sequence: Int64, hash: [UInt8])?
    /// The variable part of the snapshot after the step, in its canonical form.
    let variablePart: [UInt8]

    init(
        key: InstanceKey, definition: DefinitionKey, found: Found, previous: Snapshot?, input: Input, step: Step
    ) {
        self.key = key
        self.definition = definition
        self.found = found
        self.previous = previous
        self.input = input
        self.step = step
        variablePart = step.snapshot.variablePart
    }

    mutating func record(into writes: inout Writes, finalStates: Set<String>) {
        recordEntries(into: &writes, finalStates)
        for change in step.timers {
            switch change {
            case .arm(let item, let timer): writes.arm(row(item, timer))
            case .disarm(let item, let timer): writes.disarm(row(item, timer))
            }
        }
        for (ordinal, effect) in step.effects.enumerated() { record(effect, ordinal, into: &writes) }
        switch input.act {
        case .attach(let evidence):
            writes.evidence.append(
                .init(key: key, sequence: firstSequence, evidence: evidence, actor: input.actor.text))
        case .link(let target, let relation):
            writes.links.insert(.init(key: key, target: target, relation: relation))
        default: break
        }
    }

    private var firstSequence: Int64 { (previous?.sequence ?? 0) + 1 }

    private func row(_ item: ItemKey, _ timer: ArmedTimer) -> Writes.TimerRow {
        .init(key: key, item: item, generation: timer.generation, dueAt: timer.dueAt)
    }

    // MARK: - Journal

    private mutating func recordEntries(into writes: inout Writes, _ finalStates: Set<String>) {
        let record = StepRecord(input: input, step: step, snapshotDigest: Digest.sha256(variablePart))
        var status = previous?.status ?? .running
        for (index, entry) in step.entries.enumerated() {
            let isLast = index == step.entries.count - 1
            if isLast {
                status = step.snapshot.status
            } else if finalStates.contains(entry.to) {
                status = .final
            }
            var row = JournalRow(
                tenant: key.tenant, instance: key.id, sequence: firstSequence + Int64(index),
                happenedAt: input.happenedAt ?? found.recordedAt, recordedAt: found.recordedAt,
                incarnation: found.incarnation, definition: definition.name, version: Int32(definition.version),
                kind: entry.kind.rawValue, event: entry.event, from: entry.from, to: entry.to,
                status: status.rawValue, actor: input.actor.text,
                facts: index == 0 ? record.facts : StepRecord.facts(ofFollowing: entry))
            if index == 0, let payload = record.payload {
                let salt = Randomness.bytes(32)
                row.payloadHMAC = Digest.hmac(payload, key: salt)
                writes.payloads.append(
                    .init(key: key, sequence: row.sequence, payload: payload, salt: salt, subject: nil))
            }
            let hash = row.hash
            if index == 0 { first = (row.sequence, hash) }
            writes.journal.append(row)
            writes.hashes.append(hash)
        }
    }

    // MARK: - Effects

    private func record(_ effect: Effect, _ ordinal: Int, into writes: inout Writes) {
        switch effect {
        case .notify(let notification):
            let body = body { notification.write(to: &$0) }
            for person in notification.recipients {
                append("notification", to: person, body: body, ordinal, into: &writes)
            }
        case .call(let connector, let values):
            let body = body { $0.member("with", Effect.json(values)) }
            append("call", to: connector, body: body, ordinal, into: &writes)
        case .open(let workflow, let opening):
            let input = Input(actor: .parent(key.id), act: .open(opening))
            append(
                "open", to: opening.id, body: ["workflow": .string(workflow), "input": input.json], ordinal,
                into: &writes)
        case .message(let target, let input):
            append("message", to: target, body: ["input": input.json], ordinal, into: &writes)
        }
    }

    /// What leaves, with what its reader has to know of the instance, in canonical form.
    private func body(_ content: (inout CanonicalWriter) -> Void) -> [UInt8] {
        CanonicalWriter.object { writer in
            writer.member("definition", definition.name)
            if step.snapshot.kind == .exercise { writer.member("exercise", true) }
            writer.member("reference", step.snapshot.reference)
            writer.member("state", step.snapshot.state)
            content(&writer)
        }
    }

    /// Appends an outward act under the identifier that every attempt of its delivery will carry.
    private func append(
        _ kind: String, to destination: String, body: [UInt8], _ ordinal: Int, into writes: inout Writes
    ) {
        var content: [UInt8] = []
        content.reserveCapacity(64 + kind.utf8.count + destination.utf8.count + body.count)
        for number in [
            key.tenant.high, key.tenant.low, key.id.high, key.id.low, UInt64(firstSequence), UInt64(ordinal),
        ] {
            withUnsafeBytes(of: number.bigEndian) { content.append(contentsOf: $0) }
        }
        content += kind.utf8
        content.append(0)
        content += destination.utf8
        content.append(0)
        content += body
        writes.outbox.append(
            .init(
                id: .derived(from: Digest.sha256(content)), key: key, sequence: firstSequence,
                ordinal: Int32(ordinal), kind: kind, destination: destination, body: StoredJSON(bytes: body)))
    }

    private func append(_ kind: String, to target: Identifier, body: JSON, _ ordinal: Int, into writes: inout Writes) {
        writes.inbox.append(
            .init(
                tenant: key.tenant, target: target, source: key.id, sequence: firstSequence, ordinal: Int32(ordinal),
                kind: kind, body: StoredJSON(body)))
    }
}
