import Deadlines
import PostgresClient
import Workflows

extension Engine {
    /// The most transactions' worth of messages that a rehearsal follows from instance to instance.
    private static let rehearsedRounds = 30

    /// Which running clocks a command would move: those of its instance, and of all that would be told of it.
    ///
    /// It is carried out to the end in a transaction that is rolled back, so that nothing of it is kept, and what it
    /// says is what would happen now. Instances that the viewer does not see are left out.
    ///
    /// - Throws: ``CommandError`` as for the command itself.
    public func rehearse(_ command: Command, as viewer: Viewer) async throws(CommandError) -> [ClockMove] {
        if let refusal = InputCheck.refusal(of: command) { throw .refused(refusal) }
        let clocks: [Projections.ClockRow]
        do {
            clocks = try await writers.withConnection { connection in
                let outcome: Result<[Projections.ClockRow], any Error>
                do {
                    outcome = .success(try await self.carryOut(command, on: connection))
                } catch {
                    outcome = .failure(error)
                }
                await connection.rollback()
                return try outcome.get()
            }
            return try await reader(for: viewer).moves(to: clocks)
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
    ) async throws -> [Projections.ClockRow] {
        var plan = try await transaction.perform([Job(command)], on: connection, isOpen: false)
        switch plan.outcomes[0] {
        case .refused(let refusal)?: throw CommandError.refused(refusal)
        case .failed(let reason)?: throw CommandError.failed(reason)
        case .busy?: throw CommandError.unavailable("another command holds the instance")
        default: break
        }
        var clocks = plan.writes.projections.clocks
        for _ in 0..<Self.rehearsedRounds {
            let targets = Set(plan.writes.inbox.map { InstanceKey(tenant: $0.tenant, id: $0.target) })
            if targets.isEmpty { break }
            let rows = try await connection.query(
                InboxQueries.messages(of: targets.sorted(), limit: InboxCarrier.perTarget))
            let jobs = try InboxQueries.messages(rows).map { Job(try $0.command) }
            if jobs.isEmpty { break }
            plan = try await transaction.perform(jobs, on: connection, isOpen: true)
            clocks += plan.writes.projections.clocks
        }
        return clocks
    }
}

extension Reader {
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
