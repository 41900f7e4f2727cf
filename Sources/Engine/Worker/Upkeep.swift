import Logging
import PostgresClient
import Synchronization

/// What has to be done now and then and by nobody in particular: partitions for the months ahead are made, answers whose
/// time is over are forgotten, files that nothing was ever attached to, and what people wrote where the tenant keeps it no
/// longer.
///
/// Each part may be done by several workers at once, or again; none waits for another.
final class Upkeep: Sendable {
    /// How often it is done, beginning with the start of a worker.
    static let interval = Duration.seconds(3600)

    private let engine: Engine
    private let logger: Logger
    private let bell = Doorbell()
    private let isStopping = Atomic<Bool>(false)

    init(engine: Engine) {
        self.engine = engine
        logger = engine.configuration.logger
    }

    /// Ends the loop.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        bell.ring()
    }

    /// Works until ``stop()``.
    func run() async {
        var troubles = 0
        while !isStopping.load(ordering: .relaxed) {
            do throws(PostgresError) {
                try await engine.keepUp()
                troubles = 0
            } catch {
                troubles += 1
                logger.warning("upkeep waits for the database", metadata: ["error": "\(error)"])
            }
            do throws(AdministrationError) {
                let expired = try await engine.forgetExpired()
                if expired > 0 { logger.info("retention", metadata: ["instances": "\(expired)"]) }
            } catch {
                logger.warning("retention waits", metadata: ["error": "\(error)"])
            }
            await bell.wait(atMost: troubles == 0 ? Self.interval : Backoff.ofDatabase.wait(after: troubles))
        }
    }
}

extension Engine {
    /// Makes partitions for the months ahead, and forgets what has had its time.
    func keepUp() async throws(PostgresError) {
        try await writers.execute("SELECT reeve.prepare_partitions(clock_timestamp() + interval '3 months')")
        let answers = try await forgetOldAnswers()
        let files = try await forgetStrayFiles()
        try await forgetOldMoves()
        configuration.logger.info("upkeep", metadata: ["answers": "\(answers)", "files": "\(files)"])
    }

    /// Forgets files that were sent a day ago or earlier and never attached to anything.
    ///
    /// - Returns: how many were forgotten.
    func forgetStrayFiles() async throws(PostgresError) -> Int {
        let connection = try await PostgresConnection.connect(configuration.database.acting(as: "reeve_retention"))
        let outcome: Result<Int, PostgresError>
        do throws(PostgresError) {
            outcome = .success(try await connection.execute(EvidenceErasure.forgetStray, patience: .unlimited))
        } catch {
            outcome = .failure(error)
        }
        await connection.close()
        return try outcome.get()
    }
}
