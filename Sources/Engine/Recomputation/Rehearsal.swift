import Deadlines
import JSON
import PostgresClient
import Workflows

/// What a command would lead to.
public struct Rehearsal: Sendable {
    /// The running clocks that it would move.
    public var moves: [ClockMove]
    /// The instances that it would open, move to another state, or tell of something.
    public var instances: [InstanceChange]

    /// What it would lead to, as the API shows it.
    public var json: JSON {
        ["moves": .array(moves.map(\.json)), "instances": .array(instances.map(\.json))]
    }
}

/// What a command would make of an instance.
public struct InstanceChange: Sendable, Equatable {
    /// The kinds of change.
    public enum Kind: String, Sendable, CaseIterable {
        /// It would be opened.
        case opened
        /// It would stand in another state.
        case moved
        /// It would be told values that it follows.
        case told
    }

    /// What would happen.
    public var kind: Kind
    /// Its reference; nil for an instance that would be opened.
    public var reference: String?
    /// Its workflow.
    public var definition: String
    /// By which rule and key its parent opened it; nil where it has none.
    public var child: ItemKey?
    /// The state before; empty for an instance that would be opened.
    public var from: String
    /// The state after.
    public var to: String
    /// The status after.
    public var status: String
    /// When the first of its running clocks would be due, if this touches any of them.
    public var due: Instant?

    /// The change as the API shows it.
    public var json: JSON {
        [
            "change": .string(kind.rawValue), "reference": reference.map(JSON.string) ?? .null,
            "workflow": .string(definition), "child": child.map { .string($0.name) } ?? .null,
            "key": child.map { .string($0.key) } ?? .null, "from": .string(from), "to": .string(to),
            "status": .string(status), "due": due.map { .string($0.description) } ?? .null,
        ]
    }
}

/// What a command and all that follows from it would write.
private struct Outlook {
    var clocks: [Projections.ClockRow] = []
    var journal: [JournalRow] = []
    var opened: [Writes.InstanceRow] = []

    mutating func add(_ writes: Writes) {
        clocks += writes.projections.clocks
        journal += writes.journal
        opened += writes.instances
    }
}

extension Engine {
    /// The most transactions' worth of messages that a rehearsal follows from instance to instance.
    private static let rehearsedRounds = 30

    /// Which running clocks a command would move, and which instances it would open, move or tell: its own, and all
    /// that would hear of it.
    ///
    /// It is carried out to the end in a transaction that is rolled back, so that nothing of it is kept, and what it
    /// says is what would happen now. Instances that the viewer does not see are left out.
    ///
    /// - Throws: ``CommandError`` as for the command itself.
    public func rehearse(_ command: Command, as viewer: Viewer) async throws(CommandError) -> Rehearsal {
        if let refusal = InputCheck.refusal(of: command) { throw .refused(refusal) }
        do {
            let outlook = try await writers.withConnection { connection in
                let outcome: Result<Outlook, any Error>
                do {
                    outcome = .success(try await self.carryOut(command, on: connection))
                } catch {
                    outcome = .failure(error)
                }
                await connection.rollback()
                return try outcome.get()
            }
            let reader = reader(for: viewer)
            return Rehearsal(
                moves: try await reader.moves(to: outlook.clocks), instances: try await reader.changes(by: outlook))
        } catch let error as CommandError {
            throw error
        } catch let error as PostgresError where error.isRetryable {
            throw .unavailable("\(error)")
        } catch {
            throw .failed("\(error)")
        }
    }

    /// Steps the command, then whoever it sends messages to, and so on; the transaction is left open.
    private func carryOut(
        _ command: Command, on connection: PostgresConnection
    ) async throws -> Outlook {
        var plan = try await transaction.perform([Job(command)], on: connection, isOpen: false)
        switch plan.outcomes[0] {
        case .refused(let refusal)?: throw CommandError.refused(refusal)
        case .failed(let reason)?: throw CommandError.failed(reason)
        case .busy?: throw CommandError.unavailable("another command holds the instance")
        default: break
        }
        var outlook = Outlook()
        outlook.add(plan.writes)
        for _ in 0..<Self.rehearsedRounds {
            let targets = Set(plan.writes.inbox.map { InstanceKey(tenant: $0.tenant, id: $0.target) })
            if targets.isEmpty { break }
            let rows = try await connection.query(
                InboxQueries.messages(of: targets.sorted(), limit: InboxCarrier.perTarget))
            let jobs = try InboxQueries.messages(rows).map { Job(try $0.command) }
            if jobs.isEmpty { break }
            plan = try await transaction.perform(jobs, on: connection, isOpen: true)
            outlook.add(plan.writes)
        }
        return outlook
    }
}

extension Reader {
    /// What becomes of instances, in the order in which it would happen.
    fileprivate func changes(by outlook: Outlook) async throws(ReadingError) -> [InstanceChange] {
        let entries = Dictionary(grouping: outlook.journal, by: \.instance)
        let rows = try await rows(
            """
            SELECT i.id, i.reference, i.parent_child, i.parent_key
            FROM reeve.instance i
            WHERE (i.tenant_id, i.id) IN (SELECT \(viewer.tenant)::uuid, id FROM unnest(\(Array(entries.keys))) AS id)
            """)[0]
        var known: [Identifier: (reference: String, child: ItemKey?)] = [:]
        do throws(PostgresError) {
            for row in rows {
                let (id, reference, child, key) = try row.decode((Identifier, String, String?, String?).self)
                known[id] = (reference, child.map { ItemKey($0, key ?? "") })
            }
        } catch {
            throw .database(error)
        }
        return outlook.journal.map(\.instance).uniqued().compactMap { id in
            guard let entries = entries[id], let first = entries.first, let last = entries.last else { return nil }
            var change = InstanceChange(
                kind: .moved, definition: last.definition, from: first.from, to: last.to, status: last.status)
            if let opened = outlook.opened.first(where: { $0.key.id == id }) {
                // Who may not see it is not told that it would be opened either.
                guard opened.visibility == .normal else { return nil }
                (change.kind, change.child) = (.opened, opened.parent?.child)
            } else {
                guard let known = known[id] else { return nil }
                (change.reference, change.child) = (known.reference, known.child)
                if first.from == last.to {
                    guard entries.contains(where: { $0.kind == Entry.Kind.told.rawValue }) else { return nil }
                    change.kind = .told
                }
            }
            let clocks = Dictionary(outlook.clocks.filter { $0.key.id == id }.map { ($0.item, $0) }) { $1 }
            change.due = clocks.values.filter { $0.status == "running" }.compactMap(\.due).min()
            return change
        }
    }

    /// What differs between clocks as they would be, the last of each counting, and as they are.
    fileprivate func moves(to clocks: [Projections.ClockRow]) async throws(ReadingError) -> [ClockMove] {
        let rows = try await rows(
            """
            SELECT c.instance_id, i.reference, i.definition, c.name, c.key, c.title, c.rule, c.due_at,
                NULL::timestamptz, c.latest_at, NULL::timestamptz, NULL::text, c.round
            FROM unnest(\(clocks.map(\.key.id)), \(clocks.map(\.item.name)), \(clocks.map(\.item.key)),
                    \(clocks.map(\.round)))
                WITH ORDINALITY AS n (instance_id, name, key, round, place)
            JOIN reeve.clock c
                ON (c.tenant_id, c.instance_id, c.name, c.key, c.round)
                    = (\(viewer.tenant)::uuid, n.instance_id, n.name, n.key, n.round)
            JOIN reeve.instance i ON (i.tenant_id, i.id) = (c.tenant_id, c.instance_id)
            WHERE c.status IN ('waiting', 'running', 'paused')
            ORDER BY n.place
            """)[0]
        var moves: [ClockMove] = []
        for row in rows {
            do throws(PostgresError) {
                var move = try ClockMove(row)
                let round = try row.decode(Int32.self, at: 12)
                guard
                    let clock = clocks.last(where: {
                        $0.key.id == move.instance && $0.item == move.item && $0.round == round
                    }), ["waiting", "running", "paused"].contains(clock.status)
                else { continue }
                (move.dueAfter, move.latestAfter) = (clock.due, clock.latest)
                let isSame = move.dueAfter == move.dueBefore && move.latestAfter == move.latestBefore
                if !isSame, !moves.contains(move) { moves.append(move) }
            } catch {
                throw .database(error)
            }
        }
        return moves
    }
}
