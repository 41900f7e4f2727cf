import Deadlines
import JSON
import PostgresClient
import Workflows

/// One clock of an instance with the reasons for its due instant.
public struct ClockExplanation: Sendable {
    /// The clock.
    public var item: ItemKey
    /// The number of its present round, or the last one.
    public var round: Int
    /// That round.
    public var record: ClockRecord.Round
    /// The steps that lead to its due instant; nil where they can no longer be computed, and `failure` says why.
    public var explanation: RoundExplanation?
    /// Why there is no explanation.
    public var failure: String?
    /// What happened to the clock, entry by entry: the facts of its notes, with number, instant and actor.
    public var history: [JSON]

    /// The explanation as the API shows it.
    public var json: JSON {
        func text(_ instant: Instant?) -> JSON { instant.map { .string($0.description) } ?? .null }
        var rule: JSON = .null
        if case .rule(let id, _)? = record.basis?.measure { rule = .string(id) }
        let versions = (explanation?.versions ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
        return [
            "name": .string(item.name), "key": .string(item.key), "round": .int(Int64(round)),
            "title": .string(record.title), "status": .string(record.status.rawValue), "rule": rule,
            "startedAt": text(record.startedAt), "dueAt": text(record.due), "latestAt": text(record.latest),
            "endedAt": text(record.endedAt), "overdue": .bool(record.isOverdue),
            "trace": .array(
                (explanation?.steps ?? []).map {
                    ["step": .string($0.step), "source": .string($0.source), "result": .string($0.result)]
                }),
            "versions": .object(JSONObject(versions)), "failure": failure.map(JSON.string) ?? .null,
            "history": .array(history),
        ]
    }
}

extension Reader {
    /// Why a clock is due when it is, and what happened to it; nil where the viewer sees no such clock.
    public func clock(_ item: ItemKey, of instance: Identifier) async throws(ReadingError) -> ClockExplanation? {
        do {
            return try await pool.withTransaction(readOnly: true) { connection in
                _ = try await connection.query(viewer.settings)
                return try await clock(item, instance, connection)
            }
        } catch let error as PostgresError {
            throw .database(error)
        } catch {
            throw .corrupt("\(error)")
        }
    }

    private func clock(
        _ item: ItemKey, _ instance: Identifier, _ connection: PostgresConnection
    ) async throws -> ClockExplanation? {
        let rows = try await connection.query(
            """
            SELECT \(unescaped: StoredInstance.columns)
            FROM reeve.instance i
            JOIN reeve.instance_data d ON (d.tenant_id, d.instance_id) = (i.tenant_id, i.id)
            WHERE i.tenant_id = \(viewer.tenant) AND i.id = \(instance)
            """)
        guard let row = rows.first else { return nil }
        let stored = try StoredInstance(row)
        guard let record = try stored.snapshot.clocks[item], let round = record.rounds.last else { return nil }
        var clock = ClockExplanation(
            item: item, round: record.number, record: round, explanation: nil, failure: nil,
            history: try await history(of: item, instance, connection))
        let loaded = try await definitions.load([stored.definition], on: connection)
        guard case .success(let machine)? = loaded[stored.definition],
            let timing = machine.definition.timing(of: item)
        else {
            clock.failure =
                "Version \(stored.definition.version) of `\(stored.definition.name)` does not know the clock."
            return clock
        }
        let (surroundings, _) = try await surroundings(on: connection)
        do throws(DeadlineError) {
            clock.explanation = try surroundings.deadlines.explanation(of: round, timing, tenant: surroundings.tenant)
        } catch {
            clock.failure = error.description
        }
        if let explained = clock.explanation, explained.due != round.due, round.endedAt == nil {
            clock.failure = "Computed now it would be due \(explained.due?.description ?? "at no instant yet")."
        }
        return clock
    }

    /// The notes of a clock in the journal, the oldest first.
    private func history(
        of item: ItemKey, _ instance: Identifier, _ connection: PostgresConnection
    ) async throws -> [JSON] {
        let rows = try await connection.query(
            """
            SELECT sequence, event, actor, recorded_at, facts
            FROM reeve.journal
            WHERE tenant_id = \(viewer.tenant) AND instance_id = \(instance)
            ORDER BY sequence
            """
        ).decode((Int64, String, String, Instant, Bytea).self)
        var history: [JSON] = []
        for (sequence, event, actor, recordedAt, facts) in rows {
            for note in try JSON(parsing: facts.bytes)["notes"]?.arrayValue ?? [] where note["item"] == item.json {
                var entry: JSONObject = [
                    "entry": .int(sequence), "at": .string(recordedAt.description), "event": .string(event),
                    "actor": .string(actor),
                ]
                for (name, value) in note.objectValue ?? [:] where name != "item" && name != "at" {
                    entry[name == "note" ? "change" : name] = value
                }
                history.append(.object(entry))
            }
        }
        return history
    }
}
