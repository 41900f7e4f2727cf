import Engine
import Glibc
import PostgresClient
import Web

/// What the doctor asks the server itself.
struct ServerExamination {
    /// Clocks that differ by more than this are worth a word.
    private static let clockTolerance = 2.0

    let connection: PostgresConnection

    init(_ connection: PostgresConnection) { self.connection = connection }

    func version() async -> Finding {
        Self.version(await connection.serverVersion)
    }

    /// What a version of the server means.
    static func version(_ version: Int) -> Finding {
        let words = "Reeve \(Server.version), PostgreSQL \(version / 10_000).\(version % 10_000)"
        return version >= 150_000
            ? .well("versions", words)
            : .mend("versions", "\(words) is too old", "Upgrade to PostgreSQL 15 or newer.")
    }

    /// The primary's clock decides what is due; one that is far from this machine's is a clue that it is wrong.
    func clock() async throws -> Finding {
        let before = Self.now
        let rows = try await connection.query("SELECT EXTRACT(epoch FROM clock_timestamp())::float8")
        let after = Self.now
        let difference = try rows[0].decode(Double.self, at: 0) - (before + after) / 2
        let milliseconds = Int((difference * 1000).rounded())
        let words =
            "the database's is \(abs(milliseconds)) ms \(milliseconds < 0 ? "behind" : "ahead of") this machine's"
        return abs(difference) <= Self.clockTolerance
            ? .well("clocks", words)
            : .mend(
                "clocks", "\(words), and the database's decides what is due",
                "Run a time service such as chrony on both machines.")
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Whether what was committed survives a crash.
    func durability() async throws -> Finding {
        let rows = try await connection.query(
            """
            SELECT current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes')
            """)
        let (commit, sync, pages) = try rows[0].decode((String, String, String).self)
        guard sync == "on" else {
            return .mend("durability", "fsync is off: a crash can lose anything", "Set fsync = on.")
        }
        guard pages == "on" else {
            return .mend(
                "durability", "full_page_writes is off: a crash can leave torn pages", "Set full_page_writes = on.")
        }
        guard commit != "off" else {
            return .mend(
                "durability", "synchronous_commit is off: a crash can lose what was acknowledged or delivered",
                "Set synchronous_commit = on, for the database and for the role that Reeve signs in with.")
        }
        return .well("durability", "what is committed survives a crash")
    }

    /// What a failover may lose of what was already delivered.
    func standbys() async throws -> Finding {
        let rows = try await connection.query(
            """
            SELECT current_setting('synchronous_commit'), current_setting('synchronous_standby_names'),
                COALESCE(string_agg(application_name, ', ') FILTER (WHERE sync_state IN ('sync', 'quorum')), ''),
                COALESCE(string_agg(application_name, ', ') FILTER (WHERE sync_state IN ('async', 'potential')), ''),
                COALESCE(max(EXTRACT(epoch FROM replay_lag)) FILTER (WHERE sync_state = 'async'), 0)::float8
            FROM pg_stat_replication
            """)
        let (commit, names, together, behind, lag) = try rows[0].decode((String, String, String, String, Double).self)
        if !names.isEmpty, commit == "local" {
            return .mend(
                "standbys",
                "synchronous_commit is local: commits do not wait for \(names), and a failover may lose them",
                "Set synchronous_commit = on for the database and for the role that Reeve signs in with.")
        }
        if !names.isEmpty, together.isEmpty {
            return .mend(
                "standbys", "commits wait for \(names), and no such standby is connected: nothing gets done",
                "Start the standby again, or take it out of synchronous_standby_names until it is back.")
        }
        if !names.isEmpty {
            return .well("standbys", "\(together) is synchronous: what was delivered survives a failover to it")
        }
        guard !behind.isEmpty else {
            return .note(
                "standbys",
                "there is none: what is committed is lost with the machine's disks, though it may have been delivered",
                "Add a standby, and name it in synchronous_standby_names, or archive WAL and take base backups.")
        }
        let seconds = lag > 0 ? ", \(Int(lag.rounded(.up))) s behind" : ""
        return .note(
            "standbys",
            """
            \(behind) is asynchronous\(seconds): a failover to it may lose the last commits, though they may have been \
            delivered
            """,
            "Name it in synchronous_standby_names where that must not be.")
    }

    /// Slots that nobody reads keep WAL until the disk is full.
    func slots() async throws -> Finding {
        let rows = try await connection.query(
            """
            SELECT slot_name::text, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))
            FROM pg_replication_slots
            WHERE NOT active AND restart_lsn IS NOT NULL AND NOT pg_is_in_recovery()
            ORDER BY slot_name
            """)
        let idle = try rows.decode((String, String).self).map { "\($0.0) keeps \($0.1) of WAL" }
        guard !idle.isEmpty else { return .well("replication slots", "none is forgotten") }
        return .mend(
            "replication slots", "nobody reads: \(idle.joined(separator: "; "))",
            "Start what reads it, or drop it with SELECT pg_drop_replication_slot('NAME').")
    }
}
