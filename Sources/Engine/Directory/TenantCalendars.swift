import Deadlines
import JSON
import PostgresClient
import Workflows

/// What has become of a calendar that was sent in.
public struct CalendarPublication: Sendable, Equatable {
    /// Its version; nil while it is looked at what it would move.
    public var version: Int?
    /// The recomputation with which it comes into force; nil where no clock can depend on it, or nothing is new.
    public var recomputation: Identifier?
}

/// A calendar of a tenant's own.
public struct CalendarSummary: Sendable, Equatable {
    /// Identifier by which definitions name it.
    public var id: String
    /// The newest version.
    public var version: Int
    /// The text of that version.
    public var source: String
    /// Who published it.
    public var publishedBy: String
    /// When.
    public var publishedAt: Instant
}

extension Engine {
    /// Publishes a calendar of the tenant's own; the text is what the library's calendars are written in.
    ///
    /// Where a running clock can depend on a calendar, it comes into force with a recomputation: the worker first looks
    /// what it would move, and what would fall due later waits for a second person. The journals of moved clocks say
    /// from when to when.
    ///
    /// - Throws: ``AdministrationError/invalid(_:)`` where the text is no calendar.
    public func publishCalendar(
        _ id: String, source: String, for tenant: Identifier, by actor: Actor
    ) async throws(AdministrationError) -> CalendarPublication {
        let text = RecomputationRequest.CalendarText(id: id, source: source)
        return try await administer { connection in
            _ = try await self.calendar(text, for: tenant, on: connection)
            if let newest = try await Self.newest(id, of: tenant, on: connection),
                newest.hash == Digest.sha256(Array(source.utf8))
            {
                return CalendarPublication(version: Int(newest.version))
            }
            let depends: Bool? = try await connection.query(
                """
                SELECT EXISTS (
                    SELECT FROM reeve.clock
                    WHERE tenant_id = \(tenant) AND uses_calendar AND status IN ('waiting', 'running', 'paused'))
                """
            ).first(Bool.self)
            guard depends == true else {
                let version = try await self.publish(text, for: tenant, by: actor.text, on: connection)
                return CalendarPublication(version: Int(version))
            }
            var request = RecomputationRequest(reason: "calendar \(id)")
            request.calendar = text
            let recomputation = Identifier.version7(at: .hostClock)
            try await connection.execute(RecomputationQueries.enter(recomputation, request, tenant, actor))
            return CalendarPublication(recomputation: recomputation)
        }
    }

    /// The tenant's own calendars, by identifier.
    public func calendars(of tenant: Identifier) async throws(AdministrationError) -> [CalendarSummary] {
        try await administer { connection in
            try await connection.query(
                """
                SELECT DISTINCT ON (id) id, version, source, published_by, published_at
                FROM reeve.calendar
                WHERE tenant_id = \(tenant)
                ORDER BY id, version DESC
                """
            ).decode((String, Int32, String, String, Instant).self).map {
                CalendarSummary(id: $0.0, version: Int($0.1), source: $0.2, publishedBy: $0.3, publishedAt: $0.4)
            }
        }
    }

    /// Reads a text over the library and the tenant's other calendars, and says what all of them then are.
    func calendar(
        _ text: RecomputationRequest.CalendarText, for tenant: Identifier, on connection: PostgresConnection
    ) async throws -> CalendarLibrary {
        var texts = try TenantCalendars.texts(try await connection.query(TenantCalendars.newest(of: tenant)))
        texts[text.id] = Array(text.source.utf8)
        let (library, faults) = configuration.almanac.calendars.with(texts: texts)
        if let fault = faults[text.id] { throw AdministrationError.invalid("\(fault)") }
        return library
    }

    /// Stores a calendar as the newest version of its identifier, unless that has the same text already.
    func publish(
        _ text: RecomputationRequest.CalendarText, for tenant: Identifier, by author: String,
        on connection: PostgresConnection
    ) async throws -> Int32 {
        _ = try await connection.query("SELECT 1 FROM reeve.tenant WHERE tenant_id = \(tenant) FOR NO KEY UPDATE")
        let newest = try await Self.newest(text.id, of: tenant, on: connection)
        let hash = Digest.sha256(Array(text.source.utf8))
        if let newest, newest.hash == hash { return newest.version }
        let version = (newest?.version ?? 0) + 1
        try await connection.execute(
            """
            INSERT INTO reeve.calendar (tenant_id, id, version, hash, source, published_by)
            VALUES (\(tenant), \(text.id), \(version), \(Bytea(hash)), \(text.source), \(author))
            """)
        return version
    }

    private static func newest(
        _ id: String, of tenant: Identifier, on connection: PostgresConnection
    ) async throws -> (version: Int32, hash: [UInt8])? {
        try await connection.query(
            """
            SELECT version, hash
            FROM reeve.calendar
            WHERE tenant_id = \(tenant) AND id = \(id)
            ORDER BY version DESC
            LIMIT 1
            """
        ).first((Int32, Bytea).self).map { ($0.0, $0.1.bytes) }
    }
}

/// The texts of a tenant's own calendars.
enum TenantCalendars {
    /// The statement whose rows ``texts(_:)`` reads.
    static func newest(of tenant: Identifier) -> PostgresQuery {
        """
        SELECT DISTINCT ON (id) id, source
        FROM reeve.calendar
        WHERE tenant_id = \(tenant)
        ORDER BY id, version DESC
        """
    }

    static func texts(_ rows: PostgresRows) throws(PostgresError) -> [String: [UInt8]] {
        Dictionary(try rows.decode((String, String).self).map { ($0.0, Array($0.1.utf8)) }) { _, last in last }
    }
}
