import CEL
import Deadlines

/// Runs definitions in virtual time: what would happen when.
///
/// The same library, scenario and almanac always give the same time line.
public struct Simulation: Sendable {
    /// The machines by workflow; children of workflows that are not among them are stubs.
    public let machines: [String: Machine]
    /// Rules, calendars and zones.
    public let almanac: Almanac
    /// The library of regimes, of which a scenario names those that its tenant answers to.
    public let regimes: RegimeLibrary
    /// Where the tenant counts.
    public let defaults: DeadlineDefaults

    /// Creates a simulation over a library of machines.
    public init(
        _ machines: [String: Machine], almanac: Almanac, regimes: RegimeLibrary = RegimeLibrary([]),
        defaults: DeadlineDefaults = DeadlineDefaults(
            zone: "Europe/Berlin", calendar: "office", statutoryCalendar: "de")
    ) {
        self.machines = machines
        self.almanac = almanac
        self.regimes = regimes
        self.defaults = defaults
    }

    /// What came of a scenario.
    public struct Report: Sendable {
        /// What happened.
        public internal(set) var timeLine = TimeLine()
        /// Where it differs from what was expected; empty means that the scenario holds.
        public internal(set) var failures: [Failure] = []
    }

    /// A difference from what a scenario expects.
    public struct Failure: Sendable, Hashable, CustomStringConvertible {
        /// The expectation.
        public let position: SourcePosition
        /// What was expected and what there is.
        public let message: String

        /// `file:line:column: message`.
        public var description: String { "\(position.file):\(position.line):\(position.column): \(message)" }
    }

    /// Plays a scenario to its end.
    ///
    /// - Parameter realChildren: whether children are opened in earnest where the library has their workflow; by
    ///   default as the scenario says.
    public func run(_ scenario: Scenario, realChildren: Bool? = nil) -> Report {
        guard machines[scenario.workflow] != nil else {
            let known = machines.keys.sorted().joined(separator: ", ")
            let message = "there is no workflow \"\(scenario.workflow)\"; the library has \(known)"
            return Report(failures: [Failure(position: scenario.position, message: message)])
        }
        let world = SimulatedWorld(
            people: scenario.people, given: scenario.given, almanac: almanac, regimes: regimes, defaults: defaults)
        var player = Player(
            simulation: self, scenario: scenario, world: world,
            hasRealChildren: realChildren ?? scenario.hasRealChildren)
        player.play()
        return player.report
    }
}
