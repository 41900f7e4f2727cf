import Deadlines
import JSON
import PostgresClient
import Workflows

/// What publishing a definition has led to.
public struct Publication: Sendable, Equatable {
    /// The workflow.
    public var name: String
    /// The version that now is the newest.
    public var version: Int
    /// SHA-256 of the content.
    public var hash: [UInt8]
    /// Whether this call made the version; false where the newest has the same content already.
    public var isNew: Bool
    /// What instances that run under the version before could not take along to this one; an upgrade has to be told.
    public var stranding: [Fault] = []
}

/// Why a definition was not published.
public enum PublicationError: Error, Sendable {
    /// The files hold errors; each has its place.
    case faulty(Faults)
    /// The definition cannot be made ready to run.
    case unusable(String)
    /// There is no such tenant.
    case unknownTenant(Identifier)
    /// The database refused or could not be reached.
    case database(PostgresError)
}

/// Publishes definitions: versions that never change.
struct Publisher: Sendable {
    let pool: PostgresPool
    /// Where the zone of a schedule is looked up.
    let zones: ZoneDatabase

    /// Publishes the content of files as the newest version, unless it is that already.
    func publish(
        _ source: DefinitionSource, for tenant: Identifier, by actor: Actor
    ) async throws(PublicationError) -> Publication {
        let definition: Definition
        do { definition = try source.definition() } catch { throw .faulty(error) }
        let errors = definition.check().filter { $0.severity == .error }
        guard errors.isEmpty else { throw .faulty(Faults(faults: errors)) }
        let machine: Machine
        do { machine = try Machine(definition) } catch { throw .unusable("\(error)") }
        do {
            return try await pool.withConnection { connection in
                try await connection.transaction { connection in
                    try await publish(machine, source, tenant, actor, on: connection)
                }
            }
        } catch let error as PublicationError {
            throw error
        } catch let error as PostgresError {
            throw .database(error)
        } catch {
            throw .unusable("\(error)")
        }
    }

    private func publish(
        _ machine: Machine, _ source: DefinitionSource, _ tenant: Identifier, _ actor: Actor,
        on connection: PostgresConnection
    ) async throws -> Publication {
        let definition = machine.definition
        // Publications of one tenant follow each other; events are not concerned.
        let tenants = try await connection.query(
            "SELECT 1 FROM reeve.tenant WHERE tenant_id = \(tenant) FOR NO KEY UPDATE")
        guard !tenants.isEmpty else { throw PublicationError.unknownTenant(tenant) }
        let newest = try await connection.query(
            """
            SELECT version, hash, source
            FROM reeve.definition
            WHERE tenant_id = \(tenant) AND name = \(definition.name)
            ORDER BY version DESC
            LIMIT 1
            """
        ).first((Int32, Bytea, StoredJSON).self)
        let hash = source.hash
        if let (version, known, _) = newest, known.bytes == hash {
            return Publication(name: definition.name, version: Int(version), hash: hash, isNew: false)
        }
        let version = (newest?.0 ?? 0) + 1
        let edges = machine.edges.sorted { ($0.from, $0.event, $0.to) < ($1.from, $1.event, $1.to) }
        let finals = Set(definition.states.filter(\.isFinal).map(\.name))
        _ = try await connection.pipeline([
            """
            INSERT INTO reeve.definition (
                tenant_id, name, version, title, reference, language_version, hash, source, published_by)
            VALUES (
                \(tenant), \(definition.name), \(version), \(definition.title), \(definition.reference),
                \(Int32(definition.languageVersion)), \(Bytea(hash)), \(StoredJSON(source.canonicalJSON)),
                \(actor.text))
            """,
            """
            INSERT INTO reeve.definition_edge (tenant_id, definition, version, from_state, event, to_state, final)
            SELECT \(tenant)::uuid, \(definition.name)::text, \(version)::integer, *
            FROM unnest(
                \(edges.map(\.from)), \(edges.map(\.event)), \(edges.map(\.to)), \(edges.map { finals.contains($0.to) }))
            """,
        ])
        try await enrol(
            definition, DefinitionKey(tenant: tenant, name: definition.name, version: Int(version)), on: connection)
        var publication = Publication(name: definition.name, version: Int(version), hash: hash, isNew: true)
        if case .success(let former)? = newest.map({ DefinitionStore.compile($0.2) }) {
            publication.stranding = Definition.compare(old: former.definition, new: definition)
        }
        return publication
    }

    /// Lets the schedule of the new version take over, where there is one or was one before.
    private func enrol(
        _ definition: Definition, _ key: DefinitionKey, on connection: PostgresConnection
    ) async throws {
        let standing = try await connection.query(ScheduleQueries.standing(key)).first(
            (Instant, String, Bool, Instant?).self)
        guard let (now, home, isEnrolled, pending) = standing, isEnrolled || definition.schedule != nil else { return }
        var next: Instant?
        if let schedule = definition.schedule {
            do {
                let recurrence = try schedule.recurrence(in: zones, home: home)
                next = CatchUp.takeover(recurrence, pending: pending, now: now)
            } catch {
                throw PublicationError.unusable("The schedule cannot be followed: \(error)")
            }
        }
        try await connection.execute(ScheduleQueries.enrol(key, next: next))
    }
}
