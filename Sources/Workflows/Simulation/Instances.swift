import CEL
import Deadlines

/// The instances of a simulation, with the messages and timers between them.
struct Instances {
    /// One instance.
    struct Entry {
        let machine: Machine
        var snapshot: Snapshot
    }

    let machines: [String: Machine]
    let hasRealChildren: Bool
    var world: SimulatedWorld
    private(set) var entries: [Identifier: Entry] = [:]
    private(set) var timeLine = TimeLine()
    private var inbox: [(to: Identifier, input: Input)] = []
    private var openings: [(workflow: String, opening: Opening)] = []
    private var counters: [String: Int] = [:]
    /// The schedule that opens instances as time passes; nil where none does.
    var schedule: FollowedSchedule?

    init(machines: [String: Machine], hasRealChildren: Bool, world: SimulatedWorld) {
        self.machines = machines
        self.hasRealChildren = hasRealChildren
        self.world = world
    }

    /// The next reference with a prefix.
    mutating func reference(_ prefix: String) -> String {
        counters[prefix, default: 0] += 1
        let number = String(counters[prefix] ?? 0)
        return "\(prefix)-\(String(repeating: "0", count: max(0, 4 - number.count)))\(number)"
    }

    /// Steps one instance; what it sends to others is delivered by ``settle(at:)``.
    mutating func step(
        _ id: Identifier, _ input: Input, by machine: Machine? = nil, at now: Instant
    ) throws(Rejection) -> Step {
        guard let machine = machine ?? entries[id]?.machine else {
            throw .unknownEvent(input.act.name, state: "", known: ["open"])
        }
        let snapshot = entries[id]?.snapshot
        var context = Context()
        do throws(Rejection) {
            while true {
                switch try machine.step(snapshot, input, context: context, now: now) {
                case .needs(let questions):
                    for question in questions { context.answers[question] = world.answer(question) }
                case .stepped(let step):
                    entries[id] = Entry(machine: machine, snapshot: step.snapshot)
                    record(step, input, at: now)
                    dispatch(step.effects)
                    return step
                }
            }
        } catch {
            let moment = TimeLine.Moment(
                at: now, instance: snapshot?.reference ?? machine.definition.name, actor: input.actor.words,
                event: input.act.title, from: snapshot?.state ?? "", to: snapshot?.state ?? "", lines: [],
                rejection: error.message)
            timeLine.moments.append(moment)
            throw error
        }
    }

    private mutating func record(_ step: Step, _ input: Input, at now: Instant) {
        for entry in step.entries {
            timeLine.moments.append(
                TimeLine.Moment(
                    at: now, instance: step.snapshot.reference, actor: input.actor.words, event: entry.event,
                    from: entry.from, to: entry.to, lines: entry.notes.map(\.line), rejection: nil))
        }
    }

    private mutating func dispatch(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .open(let workflow, let opening): openings.append((workflow, opening))
            case .message(let id, let input): inbox.append((id, input))
            case .notify, .call: break
            }
        }
    }

    /// Opens children and delivers messages until there are none; those to stubs go nowhere.
    mutating func settle(at now: Instant) {
        var remaining = 10_000
        while remaining > 0 {
            remaining -= 1
            if !openings.isEmpty {
                let (workflow, opening) = openings.removeFirst()
                open(workflow, opening, at: now)
            } else if !inbox.isEmpty {
                let (id, input) = inbox.removeFirst()
                if entries[id] != nil { _ = try? step(id, input, at: now) }
            } else {
                return
            }
        }
    }

    private mutating func open(_ workflow: String, _ opening: Opening, at now: Instant) {
        guard hasRealChildren, let machine = machines[workflow], let parent = opening.parent else { return }
        var opening = opening
        opening.reference = reference(machine.definition.reference)
        let input = Input(actor: .parent(parent.instance), act: .open(opening))
        do throws(Rejection) {
            _ = try step(opening.id, input, by: machine, at: now)
        } catch {
            inbox.append(
                (parent.instance, Input(actor: .worker, act: .openingFailed(parent.child, reason: error.message))))
        }
    }

    /// The earliest armed timer.
    private var nextTimer: (id: Identifier, key: ItemKey, timer: ArmedTimer)? {
        var next: (id: Identifier, key: ItemKey, timer: ArmedTimer)?
        for (id, entry) in entries {
            for (key, record) in entry.snapshot.clocks {
                guard let timer = record.open?.timer else { continue }
                if let found = next, (found.timer.dueAt, found.id, found.key) <= (timer.dueAt, id, key) { continue }
                next = (id, key, timer)
            }
        }
        return next
    }

    /// Lets time pass: every timer that falls due up to an instant fires at its own, and every occurrence is opened.
    mutating func advance(to end: Instant, from start: Instant) {
        settle(at: start)
        var remaining = 100_000
        while remaining > 0 {
            remaining -= 1
            let timer = nextTimer
            if let occurrence = schedule?.next, occurrence <= min(end, timer?.timer.dueAt ?? end) {
                schedule?.pass()
                let now = max(occurrence, start)
                open(occurrence, at: now)
                settle(at: now)
            } else if let (id, key, timer) = timer, timer.dueAt <= end {
                let now = max(timer.dueAt, start)
                let input = Input(actor: .worker, act: .timer(key, generation: timer.generation))
                _ = try? step(id, input, at: now)
                settle(at: now)
            } else {
                return
            }
        }
    }

    /// Opens what the schedule asks for at an occurrence.
    private mutating func open(_ occurrence: Instant, at now: Instant) {
        guard let machine = schedule?.machine else { return }
        do throws(Rejection) {
            for wanted in try openings(of: machine, at: occurrence, now) {
                let opening = Opening(
                    id: Identifier.scheduled(number: entries.count + 1, at: occurrence),
                    reference: reference(machine.definition.reference), form: wanted.form)
                let input = Input(actor: .schedule, happenedAt: occurrence, act: .open(opening))
                guard (try? step(opening.id, input, by: machine, at: now)) != nil else { continue }
                schedule?.note(opening.id, for: wanted.key)
            }
        } catch {
            timeLine.moments.append(
                TimeLine.Moment(
                    at: now, instance: machine.definition.name, actor: Actor.schedule.words, event: "open", from: "",
                    to: "", lines: [], rejection: error.message))
        }
    }

    private func openings(
        of machine: Machine, at occurrence: Instant, _ now: Instant
    ) throws(Rejection) -> [ScheduledOpening] {
        var context = Context()
        while true {
            switch try machine.openings(at: occurrence, context: context, now: now) {
            case .open(let openings): return openings
            case .needs(let questions):
                for question in questions { context.answers[question] = world.answer(question) }
            }
        }
    }
}

extension Act {
    /// The event's name, or that of the act.
    var title: String {
        if case .event(let name, _) = self { name } else { name }
    }
}
