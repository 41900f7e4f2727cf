import Deadlines
import JSON
import PostgresClient
import Workflows

extension Engine {
    /// Asks for running clocks to be computed anew; a worker does it, and what has come of it can be read meanwhile.
    ///
    /// Without a dry run, clocks are moved as soon as all have been looked at, unless one would fall due later or cannot
    /// be computed: then it waits for a second person.
    ///
    /// - Throws: ``AdministrationError/invalid(_:)`` for an empty reason, an unknown rule, or a text that is no calendar.
    public func recompute(
        _ request: RecomputationRequest, for tenant: Identifier, by actor: Actor
    ) async throws(AdministrationError) -> Recomputation {
        guard request.reason.contains(where: { !$0.isWhitespace }) else { throw .invalid("Say why.") }
        for rule in request.rules where (try? configuration.almanac.rules.rule(rule)) == nil {
            throw .invalid("There is no rule `\(rule)`; `reeve deadline --list` shows all.")
        }
        return try await administer { connection in
            if let text = request.calendar { _ = try await self.calendar(text, for: tenant, on: connection) }
            let id = Identifier.version7(at: .hostClock)
            try await connection.execute(RecomputationQueries.enter(id, request, tenant, actor))
            return try await self.find(id, of: tenant, on: connection)
        }
    }

    /// Speaks for or against a recomputation that waits for a second person.
    ///
    /// It goes on as soon as two people stand behind it: who asked, where that was a person, and those who approve. One
    /// who refuses ends it.
    ///
    /// - Throws: ``AdministrationError/invalid(_:)`` where it does not wait, or the same person speaks twice.
    public func decide(
        _ id: Identifier, approves: Bool, reason: String?, for tenant: Identifier, by person: String
    ) async throws(AdministrationError) -> Recomputation {
        try await administer { connection in
            guard
                let (status, asked, calendar, source) = try await connection.query(
                    """
                    SELECT status, requested_person, calendar_id, calendar_source
                    FROM reeve.recomputation
                    WHERE tenant_id = \(tenant) AND id = \(id)
                    FOR UPDATE
                    """
                ).first((String, String?, String?, String?).self)
            else { throw AdministrationError.invalid("There is no recomputation \(id).") }
            guard status == Recomputation.Status.waiting.rawValue else {
                throw AdministrationError.invalid("It does not wait for anybody: it is \(status).")
            }
            if approves, asked == person {
                throw AdministrationError.invalid(
                    "You have asked for it. What makes a deadline later takes a second person; ask somebody else.")
            }
            let isNew = try await connection.execute(
                """
                INSERT INTO reeve.recomputation_vote (tenant_id, recomputation_id, person_id, approves, reason)
                VALUES (\(tenant), \(id), \(person), \(approves), \(reason as String?))
                ON CONFLICT DO NOTHING
                """)
            guard isNew == 1 else { throw AdministrationError.invalid("You have spoken already.") }
            if approves {
                let text = calendar.flatMap { id in source.map { RecomputationRequest.CalendarText(id: id, source: $0) }
                }
                try await self.proceed(with: id, calendar: text, of: tenant, on: connection)
            } else {
                try await connection.execute(RecomputationQueries.end(id, of: tenant, as: .refused))
            }
            return try await self.find(id, of: tenant, on: connection)
        }
    }

    /// Lets a recomputation move clocks if two people stand behind it, or nothing becomes later; else it waits.
    ///
    /// A calendar comes into force in the same transaction.
    func proceed(
        with id: Identifier, calendar: RecomputationRequest.CalendarText?, of tenant: Identifier,
        on connection: PostgresConnection
    ) async throws {
        let isFree: Bool? = try await connection.query(RecomputationQueries.mayProceed(id, of: tenant)).first(Bool.self)
        guard isFree == true else {
            try await connection.execute(RecomputationQueries.wait(id, of: tenant))
            return
        }
        var version: Int32?
        if let calendar {
            let author: String? = try await connection.query(
                "SELECT requested_by FROM reeve.recomputation WHERE tenant_id = \(tenant) AND id = \(id)"
            ).first(String.self)
            version = try await publish(calendar, for: tenant, by: author ?? "worker", on: connection)
        }
        try await connection.execute(RecomputationQueries.apply(id, of: tenant, calendarVersion: version))
    }

    private func find(
        _ id: Identifier, of tenant: Identifier, on connection: PostgresConnection
    ) async throws -> Recomputation {
        let rows = try await connection.query(RecomputationQueries.one(id, of: tenant))
        guard let row = rows.first else { throw AdministrationError.invalid("There is no recomputation \(id).") }
        return try Recomputation(row)
    }

    /// Forgets which clocks moved in recomputations that ended three months ago; the journals know it for ever.
    func forgetOldMoves() async throws(PostgresError) {
        try await writers.execute(
            """
            DELETE FROM reeve.recomputation_move m
            USING reeve.recomputation r
            WHERE (r.tenant_id, r.id) = (m.tenant_id, m.recomputation_id)
                AND r.ended_at < statement_timestamp() - interval '90 days'
            """)
    }
}

extension Reader {
    /// The recomputations of the viewer's tenant, the newest first.
    public func recomputations(page: PageRequest = PageRequest()) async throws(ReadingError) -> Page<Recomputation> {
        var selection = Selection()
        selection.require("r.tenant_id", equals: viewer.tenant)
        if let cursor = page.cursor {
            guard let last = cursor.place.stringValue.flatMap({ Identifier($0) }) else { throw .badCursor }
            selection.require("r.id < \(selection.bind(last))")
        }
        let rows = try await rows(
            selection.query(
                "SELECT \(Recomputation.columns) FROM reeve.recomputation r",
                "ORDER BY r.id DESC\nLIMIT \(page.limit + 1)")
        )[0]
        return try self.page(rows, page, Recomputation.init) { .string($0.id.description) }
    }

    /// One recomputation; nil where there is none.
    public func recomputation(_ id: Identifier) async throws(ReadingError) -> Recomputation? {
        try all(try await rows(RecomputationQueries.one(id, of: viewer.tenant))[0], Recomputation.init).first
    }

    /// What a recomputation moves, as far as the viewer sees the instances.
    public func moves(of id: Identifier, page: PageRequest = PageRequest()) async throws(ReadingError) -> Page<
        ClockMove
    > {
        var selection = Selection()
        selection.require("m.tenant_id", equals: viewer.tenant)
        selection.require("m.recomputation_id", equals: id)
        if let cursor = page.cursor {
            guard let instance = cursor.place[0]?.stringValue.flatMap({ Identifier($0) }),
                let name = cursor.place[1]?.stringValue, let key = cursor.place[2]?.stringValue
            else { throw .badCursor }
            selection.require(
                """
                (m.instance_id, m.name, m.key)
                    > (\(selection.bind(instance)), \(selection.bind(name)), \(selection.bind(key)))
                """)
        }
        let rows = try await rows(
            selection.query(
                """
                SELECT m.instance_id, i.reference, i.definition, m.name, m.key, COALESCE(c.title, ''), c.rule,
                    m.due_before, m.due_after, m.latest_before, m.latest_after, m.failure
                FROM reeve.recomputation_move m
                JOIN reeve.instance i ON (i.tenant_id, i.id) = (m.tenant_id, m.instance_id)
                LEFT JOIN LATERAL (
                    SELECT c.title, c.rule
                    FROM reeve.clock c
                    WHERE (c.tenant_id, c.instance_id, c.name, c.key) = (m.tenant_id, m.instance_id, m.name, m.key)
                    ORDER BY c.round DESC
                    LIMIT 1
                ) c ON true
                """, "ORDER BY m.instance_id, m.name, m.key\nLIMIT \(page.limit + 1)"))[0]
        return try self.page(rows, page, ClockMove.init) { move in
            [.string(move.instance.description), .string(move.item.name), .string(move.item.key)]
        }
    }
}

extension ClockMove {
    init(_ row: PostgresRow) throws(PostgresError) {
        instance = try row.decode(at: 0)
        reference = try row.decode(at: 1)
        definition = try row.decode(at: 2)
        item = ItemKey(try row.decode(at: 3), try row.decode(at: 4))
        title = try row.decode(at: 5)
        rule = try row.decode(at: 6)
        dueBefore = try row.decode(at: 7)
        dueAfter = try row.decode(at: 8)
        latestBefore = try row.decode(at: 9)
        latestAfter = try row.decode(at: 10)
        failure = try row.decode(at: 11)
    }
}
