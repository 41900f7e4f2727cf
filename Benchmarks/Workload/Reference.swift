import Foundation
import PostgresClient

/// Plain SQL that makes the same row changes as a transition, with pgbench: what the engine is held against.
struct Reference {
    /// Whose tables are written.
    enum Schema: String {
        /// Reeve's own, with everything it refuses.
        case reeve
        /// The same tables with their keys alone.
        case bare
    }

    let workload: Workload
    let schema: Schema

    /// Transitions a second, so many in a statement that is a transaction, over so many connections.
    func rate(_ bench: Bench, size: Int, clients: Int) throws -> Double {
        let folder = Bench.checkout + "/Benchmarks/References/"
        let advance = schema == .bare ? try String(contentsOfFile: folder + "advance.sql", encoding: .utf8) : ""
        let script = try String(contentsOfFile: folder + "transition.sql", encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("--") }.joined(separator: "\n")
            .replacing("{advance}", with: advance)
            .replacing("{schema}", with: schema.rawValue)
            .replacing("{facts}", with: "7b227d").replacing("{factBytes}", with: "160")
            .replacing("{body}", with: Self.body)
            .replacing("{tenant}", with: "\(Workload.tenant)").replacing("{prefix}", with: workload.prefix)
        return Double(size)
            * (try bench.pgbench(
                script: script, database: workload.database, clients: clients, threads: min(clients, 2),
                variables: ["size": "\(size)", "own": "\(Workload.instances / clients / size * size)"]))
    }

    /// What a notification weighs.
    private static let body = """
        {"body": "Next by 2026-11-28, at noon.", "definition": "beat", "reference": "BEA-2026-0001", \
        "state": "down", "subject": "BEA-2026-0001 has moved", "template": "beaten"}
        """

    /// Makes the bare tables in a database of beats, and gives both schemas timers where the scripts look for them.
    static func prepare(_ workload: Workload) async throws {
        let bare = try String(
            contentsOfFile: Bench.checkout + "/Benchmarks/References/bare.sql", encoding: .utf8)
        let connection = try await PostgresConnection.connect(workload.configuration)
        try await connection.simple(
            """
            \(bare)
            SET session_replication_role = replica;
            DELETE FROM reeve.timer;
            INSERT INTO reeve.timer
            SELECT tenant_id, '2030-01-01Z'::timestamptz + sequence * interval '1 hour', id, sequence, 'next', ''
            FROM reeve.instance;
            SET session_replication_role = origin;
            INSERT INTO bare.instance SELECT * FROM reeve.instance;
            INSERT INTO bare.instance_data SELECT * FROM reeve.instance_data;
            INSERT INTO bare.journal SELECT * FROM reeve.journal;
            INSERT INTO bare.timer SELECT * FROM reeve.timer;
            """)
        try await connection.simple("VACUUM (ANALYZE)")
        await connection.close()
    }
}
