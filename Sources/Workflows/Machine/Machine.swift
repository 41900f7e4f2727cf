import CEL
import Deadlines

/// A definition made ready to run: expressions compiled, names resolved.
///
/// A machine never changes; one is made for each version of a definition and used by every thread.
public final class Machine: Sendable {
    /// The definition it runs.
    public let definition: Definition
    /// The states in which an instance has ended.
    public let finalStates: Set<String>
    let tables: Tables

    /// Makes a definition ready; throws where a name leads nowhere or is given twice.
    public init(_ definition: Definition) throws(DefinitionError) {
        self.definition = definition
        finalStates = Set(definition.states.filter(\.isFinal).map(\.name))
        tables = try Tables(definition)
    }

    /// What an input does to an instance.
    ///
    /// The same arguments always lead to the same outcome. Only inputs of persons and connectors, and openings, are
    /// rejected; any other input is kept, and what failed is journalled as a fault. The one exception is an event for
    /// a suspended instance: it is rejected as ``Rejection/suspended``, to be sent again once the instance goes on.
    ///
    /// - Parameters:
    ///   - snapshot: the instance as it stands; nil exactly for ``Act/open(_:)``.
    ///   - input: what is done, and by whom.
    ///   - context: answers to what earlier calls for this step have asked.
    ///   - now: the database's instant; the instance's last one counts where it is later.
    public func step(
        _ snapshot: Snapshot?, _ input: Input, context: Context = Context(), now: Instant
    ) throws(Rejection) -> Outcome {
        var run = try start(snapshot, input, context, now)
        do throws(Halt) {
            try run.perform()
        } catch {
            guard run.reads.needed.isEmpty else { return .needs(run.reads.needed) }
            if case .rejected(let rejection) = error { throw rejection }
        }
        run.finish(since: snapshot)
        return run.reads.needed.isEmpty ? .stepped(Step(run)) : .needs(run.reads.needed)
    }

    private func start(
        _ snapshot: Snapshot?, _ input: Input, _ context: Context, _ now: Instant
    ) throws(Rejection) -> Run {
        switch (snapshot, input.act) {
        case (let snapshot?, .open):
            let known = tables.states[snapshot.state]?.eventNames ?? []
            throw .unknownEvent("open", state: snapshot.state, known: known)
        case (let snapshot?, _):
            return Run(tables: tables, snapshot: snapshot, input: input, context: context, now: now)
        case (nil, .open(let opening)):
            let blank = Snapshot(opening, at: now)
            return Run(tables: tables, snapshot: blank, input: input, context: context, now: now)
        case (nil, let act): throw .unknownEvent(act.name, state: "", known: ["open"])
        }
    }
}

/// What stepping leads to.
public enum Outcome: Sendable {
    /// The step was made.
    case stepped(Step)
    /// These questions must be answered first; see ``Read``.
    case needs([Read])
}

extension Run {
    /// Concludes the step, once everything has been carried out.
    mutating func finish(since before: Snapshot?) {
        noteWrites()
        armTimers()
        report(since: before)
        next.sequence += Int64(entries.count)
    }
}

extension Step {
    /// What a run has come to.
    init(_ run: consuming Run) {
        self.init(
            snapshot: run.next, entries: run.entries, timers: run.timers, effects: run.effects, reads: run.reads.used)
    }
}

extension Snapshot {
    /// An instance that is being opened and has no state yet.
    init(_ opening: Opening, at now: Instant) {
        self.init(
            id: opening.id, reference: opening.reference, kind: opening.kind, parent: opening.parent, sequence: 0,
            state: "", status: .running, openedAt: now, lastAt: now, data: [:], followed: [], incomplete: [],
            holders: [:], acted: [:], tasks: [:], approvals: [:], clocks: [:], children: [:], wanted: [], held: [],
            isUnsettled: false, issued: 0)
    }
}
