import Engine
import PostgresClient

/// What the doctor looks at in a database.
struct Examination {
    private let installation: Installation
    private let patience: Int

    /// An examination of an installation.
    ///
    /// - Parameter patience: seconds that a transaction may last, and that what is due may wait.
    init(_ installation: Installation, patience: Int) {
        self.installation = installation
        self.patience = patience
    }

    /// Everything found, in the order of looking; what cannot be looked at ends it.
    func findings() async -> [Finding] {
        var findings: [Finding] = []
        do {
            let connection = try await PostgresConnection.connect(installation.database)
            let server = ServerExamination(connection)
            findings.append(await server.version())
            findings.append(try await server.clock())
            findings.append(try await server.durability())
            findings.append(try await server.standbys())
            findings.append(try await server.slots())
            findings += try await migrations()
            let roles = RoleExamination(connection)
            if findings.allSatisfy({ $0.name != "migrations" || $0.status == .ok }) {
                findings += try await roles.findings()
            }
            await connection.close()
            guard findings.allSatisfy({ !["migrations", "roles"].contains($0.name) || $0.status == .ok }) else {
                return findings
            }
            findings += try await work()
        } catch {
            findings.append(
                .mend(
                    "database", "\(error)",
                    "Look at PostgreSQL and its log; the setting database says how it is reached."))
        }
        return findings
    }

    private func migrations() async throws -> [Finding] {
        do {
            let pending = try await installation.migrations().pending(on: installation.database)
            return [
                pending.isEmpty
                    ? .well("migrations", "all applied")
                    : .mend("migrations", "pending: \(pending.joined(separator: ", "))", "Run `reeve migrate`.")
            ]
        } catch let failure as Failure {
            return [
                .mend(
                    "migrations", failure.message,
                    "Use the program that belongs to the schema; where a migration was broken off, `reeve migrate --resume`."
                )
            ]
        }
    }

    /// What is seen as the engine sees it: all tenants.
    private func work() async throws -> [Finding] {
        let engine = try installation.engine()
        let connection = try await PostgresConnection.connect(installation.database.acting(as: "reeve_engine"))
        let vacuum = VacuumExamination(connection, patience: patience)
        let work = WorkExamination(connection, engine, patience: patience)
        var findings = try await vacuum.findings()
        findings += try await work.findings()
        findings += try await ways(engine)
        await connection.close()
        return findings
    }

    /// Whether the servers of all destinations can be reached.
    private func ways(_ engine: Engine) async throws -> [Finding] {
        let (count, faults) = try await installation.unreachable(from: engine)
        guard !faults.isEmpty else {
            return [.well("transports", count == 0 ? "there are no destinations" : "all \(count) destinations answer")]
        }
        return faults.map { fault in
            .mend(
                "transports", "\(fault.place) cannot be reached: \(fault.reason)",
                "See whether its server runs and the network leads there; `reeve deliveries destinations` shows its settings."
            )
        }
    }
}
