import PostgresClient

/// Whether an installation can do its work, thing by thing.
public struct Health: Sendable, Equatable {
    /// One thing that was looked at.
    public struct Check: Sendable, Equatable {
        /// What was looked at.
        public var name: String
        /// Whether it is well.
        public var isGood: Bool
        /// What was found.
        public var detail: String

        /// Creates a check.
        public init(_ name: String, isGood: Bool, _ detail: String) {
            self.name = name
            self.isGood = isGood
            self.detail = detail
        }
    }

    /// Everything that was looked at.
    public var checks: [Check]

    /// Creates a report.
    public init(checks: [Check]) { self.checks = checks }

    /// Whether all is well.
    public var isReady: Bool { checks.allSatisfy(\.isGood) }
}

extension Engine {
    /// After how many seconds without a sign a worker counts as gone.
    static let workerSilence = 30.0

    /// Looks at the database and the workers; what was seen a quarter of a second ago is as good.
    public func health() async -> Health { await soundness.value { [self] in await examine() } }

    private func examine() async -> Health {
        do {
            let rows = try await readers.pipeline([
                """
                SELECT count(*) FILTER (WHERE stopped_at IS NULL AND seen_at > clock_timestamp()
                        - make_interval(secs => \(Self.workerSilence))),
                    EXTRACT(epoch FROM clock_timestamp() - max(seen_at))::float8
                FROM reeve.worker
                """,
                "SELECT max(number) FROM reeve_migration.applied WHERE finished_at IS NOT NULL",
            ])
            let workers: Int64 = try rows[0][0].decode(at: 0)
            let silence: Double? = try rows[0][0].decode(at: 1)
            let applied: Int32? = try rows[1][0].decode(at: 0)
            return Health(checks: [
                Health.Check("database", isGood: true, "answers"), migrations(applied.map(Int.init) ?? 0),
                Self.worker(workers, silence),
            ])
        } catch {
            return Health(checks: [Health.Check("database", isGood: false, "\(error)")])
        }
    }

    private func migrations(_ applied: Int) -> Health.Check {
        guard let newest = configuration.newestMigration, applied < newest else {
            return Health.Check("migrations", isGood: true, "applied up to \(applied)")
        }
        return Health.Check(
            "migrations", isGood: false, "applied up to \(applied) of \(newest): run `reeve migrate`")
    }

    private static func worker(_ count: Int64, _ silence: Double?) -> Health.Check {
        if count > 0 { return Health.Check("worker", isGood: true, count == 1 ? "one runs" : "\(count) run") }
        guard let silence else {
            return Health.Check("worker", isGood: false, "none has ever run: start `reeve worker`")
        }
        return Health.Check(
            "worker", isGood: false, "the last sign is \(Int(silence)) seconds old: start `reeve worker`")
    }
}
