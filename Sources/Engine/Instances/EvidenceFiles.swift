import PostgresClient
import Workflows

/// A file that Reeve keeps as evidence.
public struct EvidenceFile: Sendable, Equatable {
    /// What it is, such as `application/pdf`.
    public var mediaType: String
    /// The content.
    public var content: [UInt8]

    /// Creates a file.
    public init(mediaType: String, content: [UInt8]) {
        self.mediaType = mediaType
        self.content = content
    }

    /// SHA-256 of the content in hexadecimal.
    public var digest: String { Digest.hexadecimal(Digest.sha256(content)) }
}

extension Evidence {
    /// A reference to a file that Reeve keeps.
    public init(_ file: EvidenceFile, title: String) {
        self.init(
            digest: file.digest, title: title,
            file: File(mediaType: file.mediaType, size: Int64(file.content.count)))
    }

    /// A reference to something that lies elsewhere; its digest is that of the URI.
    public init(uri: String, title: String) {
        self.init(digest: Digest.hexadecimal(Digest.sha256(Array(uri.utf8))), title: title, uri: uri)
    }
}

extension Engine {
    /// The most bytes that one file may have.
    public static let evidenceLimit = 32 << 20

    /// Keeps a file, so that it can be attached to instances; it is seen by those who see one of them.
    ///
    /// A file that nothing is attached to is forgotten after a day.
    ///
    /// - Throws: ``AdministrationError/invalid(_:)`` where the file is too large.
    public func keep(_ file: EvidenceFile, for tenant: Identifier) async throws(AdministrationError) {
        guard file.content.count <= Self.evidenceLimit else {
            throw .invalid("The file has \(file.content.count) bytes; at most \(Self.evidenceLimit) are kept.")
        }
        _ = try await administer { connection in
            try await connection.execute(
                """
                INSERT INTO reeve.evidence_file (tenant_id, digest, media_type, content)
                VALUES (\(tenant), \(file.digest), \(file.mediaType), \(Bytea(file.content)))
                ON CONFLICT (tenant_id, digest) DO NOTHING
                """)
        }
    }

    /// Keeps a file for a command that attaches it, and carries the command out.
    ///
    /// - Throws: ``AdministrationError`` where the file cannot be kept, ``CommandError`` where it cannot be attached.
    public func attach(_ file: EvidenceFile, by command: Command) async throws -> Answer {
        try await keep(file, for: command.tenant)
        let answer = try await submit(command)
        // Meanwhile an erasure elsewhere may have taken away the same content, on which nothing hung yet.
        try await keep(file, for: command.tenant)
        return answer
    }
}

extension Reader {
    /// A file that is attached to an instance, with its title; nil where the viewer sees none of this digest on it.
    public func evidenceFile(
        _ digest: String, of instance: Identifier
    ) async throws(ReadingError) -> (title: String, file: EvidenceFile)? {
        let rows = try await rows(
            """
            SELECT e.title, e.media_type, f.content
            FROM reeve.evidence e
            JOIN reeve.evidence_file f ON (f.tenant_id, f.digest) = (e.tenant_id, e.digest)
            WHERE e.tenant_id = \(viewer.tenant) AND e.instance_id = \(instance) AND e.digest = \(digest)
                AND e.media_type IS NOT NULL
            ORDER BY e.sequence
            LIMIT 1
            """)[0]
        do throws(PostgresError) {
            return try rows.first((String, String, Bytea).self).map {
                ($0.0, EvidenceFile(mediaType: $0.1, content: $0.2.bytes))
            }
        } catch {
            throw .database(error)
        }
    }
}

/// The statements by which kept files end.
enum EvidenceErasure {
    /// Takes the evidence of erased entries away, and files that nothing is attached to any longer.
    static func erase(_ sequences: [Int64], of key: InstanceKey, on connection: PostgresConnection) async throws {
        let digests = try await connection.query(
            """
            DELETE FROM reeve.evidence
            WHERE tenant_id = \(key.tenant) AND instance_id = \(key.id) AND sequence = ANY (\(sequences))
            RETURNING digest
            """
        ).decode(String.self)
        guard !digests.isEmpty else { return }
        try await connection.execute(
            """
            DELETE FROM reeve.evidence_file f
            WHERE f.tenant_id = \(key.tenant) AND f.digest = ANY (\(digests))
                AND NOT EXISTS (
                    SELECT FROM reeve.evidence e
                    WHERE (e.tenant_id, e.digest) = (f.tenant_id, f.digest) AND e.media_type IS NOT NULL)
            """)
    }

    /// Takes away files that were sent but never attached, a day after.
    static let forgetStray: PostgresQuery = """
        DELETE FROM reeve.evidence_file f
        WHERE f.added_at < statement_timestamp() - interval '1 day'
            AND NOT EXISTS (
                SELECT FROM reeve.evidence e
                WHERE (e.tenant_id, e.digest) = (f.tenant_id, f.digest) AND e.media_type IS NOT NULL)
        """
}
