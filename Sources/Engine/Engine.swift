import Deadlines
import Logging
import PostgresClient
import ServiceLifecycle
import Workflows

/// The engine: takes commands, keeps instances, answers questions about them.
///
/// There is no second path by which an instance can change: people, timers, messages and schedules all come in as a
/// ``Command`` and leave a journal entry. Run ``run()`` beside whatever submits.
public final class Engine: Service {
    /// How an engine is set up.
    public struct Configuration: Sendable {
        /// How to reach the database, with a login role that is a member of `reeve_engine` and `reeve_app`.
        public var database: PostgresConfiguration
        /// Rules, calendars and zones.
        public var almanac: Almanac
        /// The regimes of the library; a tenant's setting `regimes` says which of them it answers to.
        public var regimes = RegimeLibrary([])
        /// Number of the newest migration that this program knows; nil where nobody says.
        public var newestMigration: Int?
        /// Connections that write at the same time; 2 make full use of a small machine.
        public var lanes = 2
        /// The most commands in one transaction.
        public var batchLimit = 256
        /// The most connections for reading and for administration, each.
        public var readers = 8
        /// How long a command is tried while the database is away or its instance is held.
        public var patience: Duration = .seconds(30)
        /// Where the engine says what it does.
        public var logger = Logger(label: "reeve.engine")
        /// Told after each commit what it has left to do; must return quickly.
        public var onCommit: @Sendable (CommitHints) -> Void = { _ in }

        /// Creates a configuration with defaults.
        public init(database: PostgresConfiguration, almanac: Almanac) {
            self.database = database
            self.almanac = almanac
        }
    }

    /// What the engine was set up with.
    public let configuration: Configuration
    /// Connections as `reeve_engine`: all tenants, all rights of the engine.
    let writers: PostgresPool
    /// Connections as `reeve_app`: one tenant's rows at a time.
    let readers: PostgresPool
    /// Steps batches; what enforces clocks uses it on connections of its own.
    let transaction: BatchTransaction
    let tokens = TokenCache()
    /// What this process counts.
    public let measures = Measures()
    /// How the database stands, for all who ask at the same time; nil where it does not say.
    let standing = Shared<Standing?>(for: .seconds(1))
    /// Whether all is well, for all who ask at the same time.
    let soundness = Shared<Health>(for: .milliseconds(250))
    private let batcher: Batcher

    /// Sets an engine up; nothing is connected until it is used.
    public init(_ configuration: Configuration) {
        self.configuration = configuration
        var limits = PoolLimits()
        limits.maximum = configuration.readers
        writers = PostgresPool(configuration.database.acting(as: "reeve_engine"), limits: limits)
        readers = PostgresPool(configuration.database.acting(as: "reeve_app"), limits: limits)
        transaction = BatchTransaction(
            definitions: DefinitionStore(),
            surroundings: SurroundingsStore(
                almanac: configuration.almanac, regimes: configuration.regimes, logger: configuration.logger),
            measures: measures)
        var settings = Batcher.Configuration()
        settings.lanes = configuration.lanes
        settings.batchLimit = configuration.batchLimit
        settings.patience = configuration.patience
        batcher = Batcher(
            settings, transaction: transaction, database: configuration.database.acting(as: "reeve_engine"),
            logger: configuration.logger, onCommit: configuration.onCommit)
    }

    /// Serves commands until the task is cancelled or shut down gracefully; what waits by then is still done.
    public func run() async {
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await batcher.run()
            } onGracefulShutdown: { [batcher] in
                batcher.close()
            }
        } onCancel: { [batcher] in
            batcher.close()
        }
        await writers.close()
        await readers.close()
    }

    /// Does what a command says, or says why not.
    public func submit(_ command: Command) async throws(CommandError) -> Answer {
        let started = ContinuousClock.now
        do throws(CommandError) {
            if let refusal = InputCheck.refusal(of: command) { throw .refused(refusal) }
            let answer = try await batcher.submit(command)
            measures.commands[.done].add()
            measures.commandSeconds.record(since: started)
            return answer
        } catch {
            if case .refused = error { measures.commands[.refused].add() } else { measures.commands[.failed].add() }
            measures.commandSeconds.record(since: started)
            throw error
        }
    }

    /// Publishes a definition as the newest version of its workflow, unless the newest has the same content.
    ///
    /// - Throws: ``PublicationError``, with every fault of the files.
    public func publish(
        _ source: DefinitionSource, for tenant: Identifier, by actor: Actor
    ) async throws(PublicationError) -> Publication {
        try await Publisher(pool: writers, zones: configuration.almanac.zones).publish(source, for: tenant, by: actor)
    }

    /// How many commands wait to be written.
    public var waitingCommands: Int { batcher.waiting }
}

extension PostgresConfiguration {
    /// The same, with sessions that take a role of the schema.
    ///
    /// Statements here are short and many: compiling one (JIT) costs more than it can ever save.
    public func acting(as role: String) -> PostgresConfiguration {
        var copy = self
        copy.settings["role"] = role
        copy.settings["jit"] = "off"
        return copy
    }
}
