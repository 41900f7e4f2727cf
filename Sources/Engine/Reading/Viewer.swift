import PostgresClient
import Workflows

/// On whose behalf something is read: whose tenant's rows, and whose restricted instances.
public struct Viewer: Sendable, Hashable {
    /// The tenant whose rows are seen.
    public var tenant: Identifier
    /// The person; nil for systems, which see no restricted instance.
    public var person: String?

    /// Creates a viewer.
    public init(tenant: Identifier, person: String? = nil) {
        self.tenant = tenant
        self.person = person
    }
}

/// Why something could not be read.
public enum ReadingError: Error, Sendable, Equatable {
    /// The cursor was not made by this list.
    case badCursor
    /// The database could not be reached or refused.
    case database(PostgresError)
    /// A row holds what this version of Reeve cannot read.
    case corrupt(String)
}

/// Reads what a viewer may see.
///
/// Every read runs as `reeve_app` under row-level security, so that a forgotten condition shows nothing of others.
public struct Reader: Sendable {
    let pool: PostgresPool
    let definitions: DefinitionStore
    let store: SurroundingsStore
    /// On whose behalf.
    public let viewer: Viewer

    /// Runs statements in one read-only transaction and one round trip.
    func rows(_ queries: PostgresQuery...) async throws(ReadingError) -> [PostgresRows] {
        do throws(PostgresError) {
            let results = try await pool.pipeline(
                ["BEGIN READ ONLY", viewer.settings] + queries + ["COMMIT"])
            return Array(results.dropFirst(2).dropLast())
        } catch {
            throw .database(error)
        }
    }
}

extension Viewer {
    /// The statement that lets the policies know.
    var settings: PostgresQuery {
        """
        SELECT set_config('reeve.tenant', \(tenant.description), true), set_config('reeve.person', \(person ?? ""), true)
        """
    }
}

extension Engine {
    /// What a viewer may see.
    public func reader(for viewer: Viewer) -> Reader {
        Reader(
            pool: readers, definitions: transaction.definitions, store: transaction.surroundings, viewer: viewer)
    }
}
