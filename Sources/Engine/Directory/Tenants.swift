import Deadlines
import JSON
import PostgresClient
import Workflows

/// An organisation that this installation serves.
public struct Tenant: Sendable, Equatable {
    /// The tenant.
    public var id: Identifier
    /// Its name in commands: lower-case letters, digits and hyphens.
    public var name: String
    /// The title that people see.
    public var title: String
    /// IANA name of its zone.
    public var zone: String
    /// Identifier of its calendar; nil where it has none.
    public var calendar: String?
    /// What else it has settled, such as `regimes` and `checklists`.
    public var settings: JSON

    /// Creates a tenant.
    public init(
        id: Identifier, name: String, title: String, zone: String = "Etc/UTC", calendar: String? = nil,
        settings: JSON = [:]
    ) {
        self.id = id
        self.name = name
        self.title = title
        self.zone = zone
        self.calendar = calendar
        self.settings = settings
    }
}

/// Why the database did not do what it was asked, for callers that know only the engine.
public typealias DatabaseError = PostgresError

/// Why an administrative change was not made.
public enum AdministrationError: Error, Sendable, Equatable {
    /// The value cannot be taken; the sentence says why.
    case invalid(String)
    /// The database could not be reached or refused.
    case database(PostgresError)
}

extension AdministrationError: CustomStringConvertible {
    /// The error in one line.
    public var description: String {
        switch self {
        case .invalid(let sentence): sentence
        case .database(let error): "\(error)"
        }
    }
}

extension Engine {
    /// Adds a tenant, or changes the one with its identifier.
    ///
    /// - Throws: ``AdministrationError/invalid(_:)`` for an unknown zone or calendar, a malformed or taken name.
    public func save(_ tenant: Tenant) async throws(AdministrationError) {
        do throws(DeadlineError) {
            _ = try configuration.almanac.zones.zone(tenant.zone)
        } catch {
            throw .invalid("\(error)")
        }
        guard tenant.settings.objectValue != nil else { throw .invalid("Settings are an object.") }
        let isTaken = try await administer { connection in
            // Names are unique in an installation, which no constraint says, since each begins with the tenant.
            _ = try await connection.query("SELECT pg_advisory_xact_lock(hashtext('reeve.tenant.name'))")
            let others = try await connection.query(
                "SELECT 1 FROM reeve.tenant WHERE name = \(tenant.name) AND tenant_id <> \(tenant.id)")
            guard others.isEmpty else { return true }
            try await connection.execute(
                """
                INSERT INTO reeve.tenant AS t (tenant_id, name, title, zone, calendar, settings)
                VALUES (
                    \(tenant.id), \(tenant.name), \(tenant.title), \(tenant.zone), \(tenant.calendar as String?),
                    \(StoredJSON(tenant.settings)))
                ON CONFLICT (tenant_id) DO UPDATE
                SET name = excluded.name, title = excluded.title, zone = excluded.zone, calendar = excluded.calendar,
                    settings = excluded.settings
                """)
            return false
        }
        if isTaken { throw .invalid("Another tenant is named `\(tenant.name)`.") }
    }

    /// All tenants, by name.
    public func tenants() async throws(AdministrationError) -> [Tenant] {
        try await administer { connection in
            try await connection.query(
                "SELECT tenant_id, name, title, zone, calendar, settings FROM reeve.tenant ORDER BY name"
            ).map { row in
                Tenant(
                    id: try row.decode(at: 0), name: try row.decode(at: 1), title: try row.decode(at: 2),
                    zone: try row.decode(at: 3), calendar: try row.decode(at: 4),
                    settings: try row.decode(StoredJSON.self, at: 5).json)
            }
        }
    }

    /// Runs a body in a transaction as the engine.
    func administer<Value>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws(AdministrationError) -> Value {
        do {
            return try await writers.withTransaction { try await body($0) }
        } catch let error as AdministrationError {
            throw error
        } catch let error as PostgresError {
            throw AdministrationError(error)
        } catch {
            throw .invalid("\(error)")
        }
    }
}

extension AdministrationError {
    /// What the database's complaint means to a person.
    init(_ error: PostgresError) {
        guard case .server(let report) = error else {
            self = .database(error)
            return
        }
        switch report.state {
        case .foreignKeyViolation, .checkViolation, .uniqueViolation, .notNullViolation:
            self = .invalid([report.message, report.detail].compactMap { $0 }.joined(separator: ": "))
        default: self = .database(error)
        }
    }
}
