import PostgresClient
import Workflows

/// A file that Reeve keeps as evidence.
public struct EvidenceFile: Sendable, Equatable {
    /// What it is, such as `application/pdf`.
    public var mediaType: String
    /// The content.
    public var content: [UInt8]
}

extension Engine {
    /// The most bytes that one file may have.
    public static let evidenceLimit = 32 << 20

    /// Keeps a file; it can then be attached to instances under its digest, and is seen by who sees one of them.
    ///
    /// - Returns: the SHA-256 of the content in hexadecimal.
    /// - Throws: ``AdministrationError/invalid(_:)`` where the file is too large.
    public func keep(_ file: EvidenceFile, for tenant: Identifier) async throws(AdministrationError) -> String {
        guard file.content.count <= Self.evidenceLimit else {
            throw .invalid("The file has \(file.content.count) bytes; at most \(Self.evidenceLimit) are kept.")
        }
        let digest = Digest.hexadecimal(Digest.sha256(file.content))
        _ = try await administer { connection in
            try await connection.execute(
                """
                INSERT INTO reeve.evidence_file (tenant_id, digest, media_type, content)
                VALUES (\(tenant), \(digest), \(file.mediaType), \(Bytea(file.content)))
                ON CONFLICT (tenant_id, digest) DO NOTHING
                """)
        }
        return digest
    }
}

extension Reader {
    /// A file by its digest; nil where there is none on an instance that the viewer sees.
    public func evidenceFile(_ digest: String) async throws(ReadingError) -> EvidenceFile? {
        let rows = try await rows(
            """
            SELECT media_type, content
            FROM reeve.evidence_file
            WHERE tenant_id = \(viewer.tenant) AND digest = \(digest)
            """)[0]
        do throws(PostgresError) {
            return try rows.first((String, Bytea).self).map { EvidenceFile(mediaType: $0.0, content: $0.1.bytes) }
        } catch {
            throw .database(error)
        }
    }
}
