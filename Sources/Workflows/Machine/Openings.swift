import CEL
import Deadlines

/// One instance that a schedule asks for at an occurrence.
public struct ScheduledOpening: Sendable, Equatable {
    /// Distinguishes it from the others of its occurrence; empty where the schedule opens one.
    public var key: String
    /// Fields and roles given at opening.
    public var form: [String: CEL.Value]
}

/// What a schedule asks for at an occurrence.
public enum ScheduledOpenings: Sendable {
    /// These instances.
    case open([ScheduledOpening])
    /// These questions must be answered first; see ``Read``.
    case needs([Read])
}

extension Machine {
    /// The instances that the schedule of the definition asks for at an occurrence; none where there is no schedule.
    ///
    /// The same arguments always lead to the same openings.
    ///
    /// - Parameters:
    ///   - occurrence: the instant for which the schedule opens, `occurrence` to its expressions.
    ///   - context: answers to what earlier calls for this occurrence have asked.
    ///   - now: the database's instant.
    /// - Throws: ``Rejection/failed(expression:message:position:)`` with the expression that has no value.
    public func openings(
        at occurrence: Instant, context: Context = Context(), now: Instant
    ) throws(Rejection) -> ScheduledOpenings {
        guard let schedule = definition.schedule else { return .open([]) }
        let nobody = Opening(id: Identifier(high: 0, low: 0), reference: "", form: [:])
        var run = Run(
            tables: tables, snapshot: Snapshot(nobody, at: now),
            input: Input(actor: .schedule, happenedAt: occurrence, act: .open(nobody)), context: context, now: now)
        var openings: [ScheduledOpening] = []
        do throws(Halt) {
            let scope = Scope(isEvent: true, occurrence: occurrence)
            for (key, item) in try run.elements(schedule.each, schedule.key, scope) {
                openings.append(
                    ScheduledOpening(key: key, form: try run.values(of: schedule.with, scope.with(item))))
            }
        } catch {
            if case .rejected(let rejection) = error, run.reads.needed.isEmpty { throw rejection }
        }
        return run.reads.needed.isEmpty ? .open(openings) : .needs(run.reads.needed)
    }
}
