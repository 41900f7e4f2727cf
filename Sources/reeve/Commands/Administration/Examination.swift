import Engine
import Glibc
import PostgresClient

/// What the doctor looks at in a database.
struct Examination {
    /// Clocks that differ by more than this are worth a word.
    private static let clockTolerance = 2.0

    private let installation: Installation

    /// An examination of an installation.
    init(_ installation: Installation) {
        self.installation = installation
    }

    /// Everything found, in the order of looking; what cannot be looked at ends it.
    func findings() async -> [Finding] {
        var findings: [Finding] = []
        do {
            let connection = try await PostgresConnection.connect(installation.database)
            findings.append(await version(connection))
            findings.append(try await clock(connection))
            findings.append(try await standby(connection))
            await connection.close()
            let pending = try await installation.migrations().pending(on: installation.database)
            findings.append(
                Finding(
                    "migrations", isGood: pending.isEmpty,
                    pending.isEmpty ? "all applied" : "pending: \(pending.joined(separator: ", ")); run `reeve migrate`"
                ))
            guard pending.isEmpty else { return findings }
            let engine = try installation.engine()
            findings += await engine.health().checks.filter { $0.name == "worker" }.map {
                Finding($0.name, isGood: $0.isGood, $0.detail)
            }
            findings.append(try await deliveries(engine))
            findings.append(try await letters(engine))
        } catch {
            findings.append(Finding("database", isGood: false, "\(error)"))
        }
        return findings
    }

    private func version(_ connection: PostgresConnection) async -> Finding {
        let version = await connection.serverVersion
        let words = "PostgreSQL \(version / 10_000).\(version % 10_000)"
        return version >= 150_000
            ? Finding("database", isGood: true, words)
            : Finding("database", isGood: false, "\(words) is too old; Reeve needs 15 or newer")
    }

    /// The primary's clock decides what is due; one that is far from this machine's is a clue that it is wrong.
    private func clock(_ connection: PostgresConnection) async throws -> Finding {
        let before = Examination.now
        let rows = try await connection.query("SELECT EXTRACT(epoch FROM clock_timestamp())::float8")
        let after = Examination.now
        let difference = try rows[0].decode(Double.self, at: 0) - (before + after) / 2
        let milliseconds = Int((difference * 1000).rounded())
        let words =
            "the database's is \(abs(milliseconds)) ms \(milliseconds < 0 ? "behind" : "ahead of") this machine's"
        return abs(difference) <= Examination.clockTolerance
            ? Finding("clocks", isGood: true, words)
            : Finding("clocks", isGood: false, "\(words): run a time service such as chrony on both")
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Whether what was committed survives the loss of the primary.
    private func standby(_ connection: PostgresConnection) async throws -> Finding {
        let rows = try await connection.query(
            """
            SELECT current_setting('synchronous_commit'), current_setting('synchronous_standby_names'),
                current_setting('fsync')
            """)
        let (commit, names, sync) = try rows[0].decode((String, String, String).self)
        guard sync == "on" else {
            return Finding("durability", isGood: false, "fsync is off: a crash can lose anything; set fsync = on")
        }
        guard commit != "off" else {
            return Finding(
                "durability", isGood: false,
                "synchronous_commit is off: a crash can lose what was acknowledged; set synchronous_commit = on")
        }
        return Finding(
            "durability", isGood: true,
            names.isEmpty
                ? "commits survive a crash; without a synchronous standby, a failover may lose the last of them"
                : "commits survive the loss of the primary: they wait for \(names)")
    }

    private func deliveries(_ engine: Engine) async throws -> Finding {
        let state = try await engine.restoration(limit: 0)
        switch state.cause {
        case nil: return Finding("deliveries", isGood: true, "\(state.waiting) wait")
        case .held:
            return Finding(
                "deliveries", isGood: false, "held by a person, \(state.waiting) wait; `reeve resume --after-restore`")
        case .otherCluster, .otherTimeline, .baseBackup:
            return Finding(
                "deliveries", isGood: false,
                """
                held since the database was restored or failed over, \(state.waiting) wait; see what would be sent with \
                `reeve resume --after-restore`
                """)
        }
    }

    private func letters(_ engine: Engine) async throws -> Finding {
        var tenants: [String] = []
        for tenant in try await engine.tenants() where try await !engine.deadLetters(of: tenant.id, limit: 1).isEmpty {
            tenants.append(tenant.name)
        }
        return tenants.isEmpty
            ? Finding("dead letters", isGood: true, "none")
            : Finding(
                "dead letters", isGood: false,
                "of \(tenants.joined(separator: ", ")); `reeve deliveries dead` shows them, `replay` sends them again")
    }
}
