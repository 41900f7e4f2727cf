/// A computed deadline, with all it was computed from.
public struct Deadline: Sendable {
    /// What it was computed from.
    public let request: DeadlineRequest
    /// What came out.
    public let state: State

    /// Whether there is a figure yet.
    public enum State: Hashable, Sendable {
        /// Some fact, or the end of an order, is not known yet; `watch` is the instant by which it should be, if the
        /// rule has one.
        case waiting(for: [String], watch: Instant?)
        /// The careful figure, which is enforced, and what the law would still allow; nil where the law names no
        /// number.
        case due(Instant, latest: Instant?)
    }

    /// The instant at which the period, read carefully, has expired; nil while waiting.
    public var due: Instant? {
        if case .due(let due, _) = state { due } else { nil }
    }

    /// The instant at which the law's own rules let the period expire; nil while waiting, and where the law names no
    /// number.
    public var latest: Instant? {
        if case .due(_, let latest) = state { latest } else { nil }
    }

    /// What is not known yet; empty once there is a figure.
    public var waitingFor: [String] {
        if case .waiting(let names, _) = state { names } else { [] }
    }

    /// While waiting, the instant by which what is missing should be known; no breach lies in its passing.
    public var watch: Instant? {
        if case .waiting(_, let watch) = state { watch } else { nil }
    }

    /// The steps of the computation, each with its legal source; worked out when asked for.
    public var trace: [TraceStep] {
        let trace = Trace()
        _ = try? Computation(request, trace: trace).state()
        return trace.steps
    }

    /// The versions of all that was read, for the journal: `rule`, `calendar`, `zone`, `tzdata`.
    public var versions: [String: String] {
        var versions = ["rule": "\(request.rule.id)@\(request.rule.version)", "zone": request.zone.id]
        versions["tzdata"] = request.zone.version
        if let calendar = request.calendar { versions["calendar"] = "\(calendar.id)@\(calendar.version)" }
        if let shared = request.sharedCalendar { versions["sharedCalendar"] = "\(shared.id)@\(shared.version)" }
        return versions
    }

    /// Throws `missingFacts` where there is neither a figure nor an instant to look again: for people, who forget.
    public func demandFigure() throws(DeadlineError) {
        guard case .waiting(let names, nil) = state, !names.isEmpty else { return }
        throw .missingFacts(names, rule: request.rule.id)
    }

    /// How a filing at an instant stands to the two figures.
    public enum Standing: String, Sendable {
        /// Before `due`.
        case onTime = "on time"
        /// Before `latest`, not before `due`.
        case withinLaw = "within the law"
        /// After both; reasons are demanded.
        case late
    }

    /// How an act at an instant stands; nil while waiting.
    public func standing(at instant: Instant) -> Standing? {
        guard let due else { return nil }
        if instant < due { return .onTime }
        return instant < latest ?? due ? .withinLaw : .late
    }
}

/// One step of a computation, in plain language and as data.
public struct TraceStep: Hashable, Sendable {
    /// What was done.
    public var step: String
    /// The law, contract or data that says so.
    public var source: String
    /// What came out of it.
    public var result: String
    /// The days that were not counted, which the result names too.
    public var skipped: [FreeDay] = []
    /// The weekend days and holidays that were counted all the same, which the result names too.
    public var counted: [FreeDay] = []
    /// Whether the law is disputed or not settled here.
    public var isDisputed = false

    /// A step.
    public init(step: String, source: String, result: String) {
        (self.step, self.source, self.result) = (step, source, result)
    }

    /// A weekend day or holiday.
    public struct FreeDay: Hashable, Sendable, CustomStringConvertible {
        /// The day.
        public var date: CivilDate
        /// Its name, of a holiday or of the weekday.
        public var reason: String

        /// The day with its reason, `2026-12-25 (Christmas Day)`.
        public var description: String { "\(date) (\(reason))" }
    }
}

/// Collects the steps of one computation.
///
/// Where there is none, the texts of steps are never made.
final class Trace {
    private(set) var steps: [TraceStep] = []

    func note(
        _ step: String, source: String, result: String, skipped: [TraceStep.FreeDay] = [],
        counted: [TraceStep.FreeDay] = [], isDisputed: Bool = false
    ) {
        var sentences = [result]
        if !skipped.isEmpty { sentences.append("Not counted: \(Self.list(skipped)).") }
        if !counted.isEmpty { sentences.append("Counted like any other: \(Self.list(counted)).") }
        var step = TraceStep(step: step, source: source, result: sentences.joined(separator: " "))
        (step.skipped, step.counted, step.isDisputed) = (skipped, counted, isDisputed)
        steps.append(step)
    }

    private static func list(_ days: [TraceStep.FreeDay]) -> String {
        days.map(\.description).joined(separator: ", ")
    }
}
