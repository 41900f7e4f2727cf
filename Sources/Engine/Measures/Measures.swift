/// What an engine and the worker over it count while they run, for one process.
public final class Measures: Sendable {
    /// What became of a command.
    public enum CommandOutcome: String, CaseIterable, Sendable {
        /// It was done.
        case done
        /// It was refused, with the reason.
        case refused
        /// It failed: the database was away, or something nobody foresaw.
        case failed
    }

    /// What became of an attempt to deliver.
    public enum DeliveryOutcome: String, CaseIterable, Sendable {
        /// It was taken.
        case delivered
        /// It is tried again.
        case retried
        /// It was given up and lies in the dead-letter list.
        case dead
    }

    /// Commands by outcome.
    public let commands = ByCase<CommandOutcome>()
    /// From the submission of a command to its answer, in seconds.
    public let commandSeconds = Histogram.ofSeconds()
    /// How many commands, timers or messages a transaction held.
    public let batchSizes = Histogram(bounds: [1, 2, 5, 10, 20, 50, 100, 200, 500])
    /// How long a batch's transaction took, in seconds.
    public let batchSeconds = Histogram.ofSeconds()
    /// By how much timers were stepped after they fell due, in seconds.
    public let lateness = Histogram.ofSeconds()
    /// Timers that were stepped.
    public let timers = Counter()
    /// Attempts to deliver, by outcome.
    public let deliveries = ByCase<DeliveryOutcome>()
    /// Requests by the first digit of their status: 1 to 5.
    public let requests = (1...5).map { _ in Counter() }
    /// How long requests took, in seconds.
    public let requestSeconds = Histogram.ofSeconds()
    /// Requests that were refused because their token or address asked too often.
    public let throttled = Counter()
    /// Connections to the server.
    public let connections = Level()
    /// Connections that were refused since all were in use.
    public let refusedConnections = Counter()

    init() {}

    /// A counter for each case.
    public struct ByCase<Case: RawRepresentable & CaseIterable & Hashable & Sendable>: Sendable {
        private let counters: [Case: Counter]

        init() { counters = Dictionary(uniqueKeysWithValues: Case.allCases.map { ($0, Counter()) }) }

        /// The counter of a case.
        public subscript(_ value: Case) -> Counter { counters[value] ?? Counter() }
    }
}
