import Deadlines
import PostgresClient
import Workflows

/// An occurrence of a schedule that is due.
struct DueOccurrence: Sendable, Hashable {
    var definition: DefinitionKey
    var at: Instant

    /// The command that opens one of its instances, unless that was done.
    func command(for opening: ScheduledOpening, now: Instant) -> Command {
        Command(
            tenant: definition.tenant, target: .opening(workflow: definition.name),
            input: Input(
                actor: .schedule, happenedAt: at,
                act: .open(Opening(id: .version7(at: now), reference: "", form: opening.form))),
            origin: .occurrence(at: at, key: opening.key))
    }
}

/// What is asked of `reeve.schedule`.
enum ScheduleQueries {
    /// The database's instant and schedules that are due, the longest first; those of paused workflows wait.
    ///
    /// - Parameter resting: Schedules that failed a short while ago.
    static func due(resting: [DefinitionKey], limit: Int) -> PostgresQuery {
        """
        SELECT clock_timestamp(), s.tenant_id, s.definition, s.version, s.next_at
        FROM reeve.schedule s
        WHERE s.next_at <= statement_timestamp()
            AND NOT (\(unescaped: isPaused))
            AND NOT EXISTS (
                SELECT FROM unnest(\(resting.map(\.tenant)), \(resting.map(\.name))) AS r (tenant_id, name)
                WHERE (r.tenant_id, r.name) = (s.tenant_id, s.definition)
            )
        ORDER BY s.next_at
        LIMIT \(Int64(limit))
        """
    }

    /// Locks the schedule if it still stands at that occurrence and nobody else is at it.
    static func hold(_ due: DueOccurrence) -> PostgresQuery {
        """
        SELECT 1
        FROM reeve.schedule s
        WHERE s.tenant_id = \(due.definition.tenant) AND s.definition = \(due.definition.name)
            AND s.version = \(Int32(due.definition.version)) AND s.next_at = \(due.at)
            AND NOT (\(unescaped: isPaused))
        FOR UPDATE SKIP LOCKED
        """
    }

    /// Goes on to the next occurrence, and says what is to be known of the last.
    static func advance(_ due: DueOccurrence, to next: Instant?, remark: String?) -> PostgresQuery {
        """
        UPDATE reeve.schedule
        SET next_at = \(next as Instant?), error = \(remark as String?)
        WHERE tenant_id = \(due.definition.tenant) AND definition = \(due.definition.name)
            AND version = \(Int32(due.definition.version)) AND next_at = \(due.at)
        """
    }

    /// Says why an occurrence could not be opened.
    static func fail(_ due: DueOccurrence, reason: String) -> PostgresQuery {
        """
        UPDATE reeve.schedule
        SET error = \(reason)
        WHERE tenant_id = \(due.definition.tenant) AND definition = \(due.definition.name) AND next_at = \(due.at)
        """
    }

    private static let isPaused = """
        EXISTS (
            SELECT FROM reeve.pause p
            WHERE p.tenant_id = s.tenant_id
                AND (p.scope = 'tenant' OR (p.scope, p.name) = ('definition', s.definition))
        )
        """

    // MARK: - Publishing

    /// The database's instant, the tenant's zone, and the schedule of a workflow as it stands, which is locked.
    static func standing(_ key: DefinitionKey) -> PostgresQuery {
        """
        SELECT clock_timestamp(), t.zone, s.definition IS NOT NULL, s.next_at
        FROM reeve.tenant t
        LEFT JOIN (
            SELECT tenant_id, definition, next_at
            FROM reeve.schedule
            WHERE tenant_id = \(key.tenant) AND definition = \(key.name)
            FOR UPDATE
        ) s USING (tenant_id)
        WHERE t.tenant_id = \(key.tenant)
        """
    }

    /// Lets a version take over; nil where it has no schedule, or one without end to come.
    static func enrol(_ key: DefinitionKey, next: Instant?) -> PostgresQuery {
        """
        INSERT INTO reeve.schedule (tenant_id, definition, version, next_at)
        VALUES (\(key.tenant), \(key.name), \(Int32(key.version)), \(next as Instant?))
        ON CONFLICT (tenant_id, definition) DO UPDATE
        SET version = excluded.version, next_at = excluded.next_at, error = NULL
        """
    }
}
