import Deadlines
import JSON
import PostgresClient
import Workflows

/// One version of a workflow in a list.
public struct DefinitionSummary: Sendable, Equatable {
    /// The workflow.
    public var name: String
    /// The version.
    public var version: Int
    /// The title that people see.
    public var title: String
    /// The prefix of references.
    public var reference: String
    /// SHA-256 of the content in hexadecimal.
    public var hash: String
    /// Who published it.
    public var publishedBy: String
    /// When it was published.
    public var publishedAt: Instant

    init(_ row: PostgresRow) throws(PostgresError) {
        name = try row.decode(at: 0)
        version = Int(try row.decode(Int32.self, at: 1))
        title = try row.decode(at: 2)
        reference = try row.decode(at: 3)
        hash = Digest.hexadecimal(try row.decode(Bytea.self, at: 4).bytes)
        publishedBy = try row.decode(at: 5)
        publishedAt = try row.decode(at: 6)
    }

    /// The version as the API shows it.
    public var json: JSON {
        [
            "name": .string(name), "version": .int(Int64(version)), "title": .string(title),
            "reference": .string(reference), "hash": .string(hash), "publishedBy": .string(publishedBy),
            "publishedAt": .string(publishedAt.description),
        ]
    }
}

extension Reader {
    private static var columns: String { "name, version, title, reference, hash, published_by, published_at" }

    /// The newest version of each workflow, by name.
    public func definitions() async throws(ReadingError) -> [DefinitionSummary] {
        let rows = try await rows(
            """
            SELECT DISTINCT ON (name) \(unescaped: Self.columns)
            FROM reeve.definition
            WHERE tenant_id = \(viewer.tenant)
            ORDER BY name, version DESC
            """)[0]
        return try all(rows, DefinitionSummary.init)
    }

    /// The versions of one workflow, the newest first.
    public func versions(of name: String) async throws(ReadingError) -> [DefinitionSummary] {
        let rows = try await rows(
            """
            SELECT \(unescaped: Self.columns)
            FROM reeve.definition
            WHERE tenant_id = \(viewer.tenant) AND name = \(name)
            ORDER BY version DESC
            """)[0]
        return try all(rows, DefinitionSummary.init)
    }

    /// The files of one version; nil where there is no such version.
    public func source(of name: String, version: Int) async throws(ReadingError) -> DefinitionSource? {
        let rows = try await rows(
            """
            SELECT source
            FROM reeve.definition
            WHERE tenant_id = \(viewer.tenant) AND name = \(name) AND version = \(Int32(clamping: version))
            """)[0]
        guard let row = rows.first else { return nil }
        do {
            return DefinitionSource(json: try row.decode(StoredJSON.self, at: 0).json)
        } catch {
            throw .corrupt("\(error)")
        }
    }

    /// One version ready to be shown: its states, events, clocks; nil where there is none or it cannot be read.
    public func definition(_ name: String, version: Int) async throws(ReadingError) -> Definition? {
        do throws(PostgresError) {
            let key = DefinitionKey(tenant: viewer.tenant, name: name, version: version)
            guard case .success(let machine)? = try await machine(key) else { return nil }
            return machine.definition
        } catch {
            throw .database(error)
        }
    }
}
