import CEL
import Deadlines
import JSON
import Workflows

/// Turns one step into rows.
struct StepRecorder {
    let key: InstanceKey
    let definition: DefinitionKey
    let found: Found
    /// The sequence of its first entry.
    let sequence: Int64
    /// The instance's before the step.
    let status: Snapshot.Status

    /// Adds the rows of a step.
    ///
    /// - Parameter variablePart: The variable part of the snapshot after the step, in its canonical form.
    /// - Returns: The hash of its first entry.
    func record(
        _ step: Step, _ variablePart: [UInt8], of input: Input, _ finalStates: Set<String>, into writes: inout Writes
    ) -> [UInt8] {
        let hash = recordEntries(step, variablePart, input, finalStates, into: &writes)
        for change in step.timers {
            switch change {
            case .arm(let item, let timer): writes.arm(row(item, timer))
            case .disarm(let item, let timer): writes.disarm(row(item, timer))
            }
        }
        for (ordinal, effect) in step.effects.enumerated() { record(effect, ordinal, step.snapshot, into: &writes) }
        switch input.act {
        case .attach(let evidence):
            writes.evidence.append(.init(key: key, sequence: sequence, evidence: evidence, actor: input.actor.text))
        case .link(let target, let relation):
            writes.links.insert(.init(key: key, target: target, relation: relation))
        default: break
        }
        return hash
    }

    private func row(_ item: ItemKey, _ timer: ArmedTimer) -> Writes.TimerRow {
        .init(key: key, item: item, generation: timer.generation, dueAt: timer.dueAt)
    }

    // MARK: - Journal

    private func recordEntries(
        _ step: Step, _ variablePart: [UInt8], _ input: Input, _ finalStates: Set<String>, into writes: inout Writes
    ) -> [UInt8] {
        let record = StepRecord(input: input, step: step, snapshotDigest: Digest.sha256(variablePart))
        var status = status
        var first: [UInt8] = []
        for (index, entry) in step.entries.enumerated() {
            let isLast = index == step.entries.count - 1
            if isLast {
                status = step.snapshot.status
            } else if finalStates.contains(entry.to) {
                status = .final
            }
            var row = JournalRow(
                tenant: key.tenant, instance: key.id, sequence: sequence + Int64(index),
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
            if index == 0 { first = hash }
            writes.journal.append(row)
            writes.hashes.append(hash)
        }
        return first
    }

    // MARK: - Effects

    private func record(_ effect: Effect, _ ordinal: Int, _ snapshot: Snapshot, into writes: inout Writes) {
        switch effect {
        case .notify(let notification):
            let body = notification.body(from: EffectOrigin(definition: definition.name, snapshot))
            for person in notification.recipients {
                append("notification", to: person, body: body, ordinal, into: &writes)
            }
        case .call(let connector, let values):
            let body = Effect.body(values, from: EffectOrigin(definition: definition.name, snapshot))
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

    /// Appends an outward act under the identifier that every attempt of its delivery will carry.
    private func append(
        _ kind: String, to destination: String, body: [UInt8], _ ordinal: Int, into writes: inout Writes
    ) {
        var content: [UInt8] = []
        content.reserveCapacity(64 + kind.utf8.count + destination.utf8.count + body.count)
        for number in [
            key.tenant.high, key.tenant.low, key.id.high, key.id.low, UInt64(sequence), UInt64(ordinal),
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
                id: .derived(from: Digest.sha256(content)), key: key, sequence: sequence,
                ordinal: Int32(ordinal), kind: kind, destination: destination, body: VerbatimJSON(bytes: body)))
    }

    private func append(_ kind: String, to target: Identifier, body: JSON, _ ordinal: Int, into writes: inout Writes) {
        writes.inbox.append(
            .init(
                tenant: key.tenant, target: target, source: key.id, sequence: sequence, ordinal: Int32(ordinal),
                kind: kind, body: VerbatimJSON(bytes: body.bytes())))
    }
}
