import CEL
import Deadlines
import JSON
import Workflows

/// Decides what a batch of commands does.
///
/// A plan knows no database: it is given what the transaction found, says what else it needs, and ends with what is to
/// be written and the outcome of each command. Commands for one instance are folded in their order: one snapshot, as
/// many journal rows as there are entries.
struct Plan: Sendable {
    private struct Group: Sendable {
        let key: InstanceKey
        var jobs: [Int]
        var next = 0
        /// The instance as it was found; nil where there was none.
        var base: Snapshot?
        var snapshot: Snapshot?
        /// What is to be stored of the snapshot; nil before the first step.
        var variablePart: [UInt8]?
        /// The definition that it was found under.
        var baseDefinition: DefinitionKey?
        var definition: DefinitionKey?
        /// The reference taken for an opening that waits for answers.
        var reference: String?
        var isLoaded = false
        /// Who is to see an instance that is opened.
        var visibility = Visibility.normal
        /// Whether a message could not be taken, so that those behind it wait.
        var isHeldUp = false
    }

    let jobs: [Job]
    private(set) var found: Found
    private(set) var writes: Writes
    private(set) var outcomes: [Outcome?]
    /// What each command that is done has written first, to be looked for if the outcome of COMMIT is lost.
    private(set) var attempts: [Job.Attempt?]
    private var groups: [Group]

    init(jobs: [Job], found: Found) {
        self.jobs = jobs
        self.found = found
        writes = Writes(recordedAt: found.recordedAt, commands: jobs.count)
        outcomes = Array(repeating: nil, count: jobs.count)
        attempts = Array(repeating: nil, count: jobs.count)
        var members: [InstanceKey: [Int]] = [:]
        for (index, job) in jobs.enumerated() { members[job.command.key, default: []].append(index) }
        groups = members.sorted { $0.key < $1.key }.map { Group(key: $0.key, jobs: $0.value) }
    }

    /// Goes on as far as the world allows, and says what is missing; nothing when it is finished.
    mutating func proceed(in world: World) -> Needs {
        var needs = Needs()
        // Taken out of the array while it is worked on: nothing is copied.
        var group = Group(key: InstanceKey(tenant: .init(high: 0, low: 0), id: .init(high: 0, low: 0)), jobs: [])
        for index in groups.indices where groups[index].next < groups[index].jobs.count {
            swap(&group, &groups[index])
            proceed(with: &group, in: world, needs: &needs)
            swap(&group, &groups[index])
        }
        return needs
    }

    /// Whether every command has its outcome.
    var isFinished: Bool { groups.allSatisfy { $0.next == $0.jobs.count } }

    private mutating func proceed(with group: inout Group, in world: World, needs: inout Needs) {
        while group.next < group.jobs.count {
            let job = group.jobs[group.next]
            if group.isHeldUp, case .inbox = jobs[job].command.origin {
                outcomes[job] = .busy
            } else if let outcome = outcome(before: job, &group) {
                outcomes[job] = outcome
            } else {
                switch step(job, &group, world, &needs) {
                case .waits: return
                case .ends(let outcome): conclude(job, &group, outcome)
                }
            }
            group.next += 1
        }
        if let definition = group.definition, let snapshot = group.snapshot, snapshot != group.base,
            case .success(let machine)? = world.machines[definition]
        {
            finish(group, definition, snapshot, machine, world)
        }
    }

    // MARK: - Before the step

    /// The outcome of a command that needs no step: already answered, not found, not locked.
    private func outcome(before job: Int, _ group: inout Group) -> Outcome? {
        let command = jobs[job].command
        if found.committed.contains(job), let attempt = jobs[job].attempt { return .done(attempt.answer) }
        if command.origin != .request, !found.origins.contains(job) { return .gone }
        guard found.tenants[command.tenant] != nil else {
            return .refused(
                Refusal(code: Refusal.unknownTenant, message: "There is no tenant \(command.tenant)."))
        }
        if let kept = keptAnswer(for: command) { return kept }
        return nil
    }

    // MARK: - The step

    private enum Progress {
        case waits
        case ends(Outcome)
    }

    private mutating func step(_ job: Int, _ group: inout Group, _ world: World, _ needs: inout Needs) -> Progress {
        var command = jobs[job].command
        if let outcome = load(&group, for: command) { return .ends(outcome) }
        guard var definition = group.definition else { return .ends(.failed("the instance has no definition")) }
        guard let surroundings = world.surroundings[command.tenant], var machine = world.machines[definition] else {
            if world.surroundings[command.tenant] == nil { needs.surroundings.insert(command.tenant) }
            if world.machines[definition] == nil { needs.machines.insert(definition) }
            return .waits
        }
        switch world.upgrade(command, from: definition) {
        case .none: break
        case .refused(let refusal): return .ends(.refused(refusal))
        case .waits(let key):
            needs.machines.insert(key)
            return .waits
        case .goes(let act, let key, let newer):
            (command.input.act, definition, machine) = (act, key, .success(newer))
        }
        let input: Input
        switch prepared(command, &group) {
        case .success(let prepared): input = prepared
        case .failure(let refusal): return .ends(.refused(refusal))
        }
        if let expected = command.expectedSequence, let actual = group.snapshot?.sequence, expected != actual {
            return .ends(.refused(Refusal(Rejection.staleVersion(expected: expected, actual: actual))))
        }
        guard case .success(let machine) = machine else {
            return .ends(.failed("\(definition.name) version \(definition.version) cannot be run"))
        }
        if let refusal = Permission.refusal(of: command, on: group.snapshot, machine.definition, surroundings) {
            return .ends(.refused(refusal))
        }
        let now = max(found.recordedAt, group.snapshot?.lastAt ?? found.recordedAt)
        var answers = world.answers[group.key] ?? [:]
        if let refusal = refusal(linking: input.act, answers, &needs, group.key) {
            return refusal
        }
        while true {
            let outcome: Workflows.Outcome
            do throws(Rejection) {
                outcome = try machine.step(
                    group.snapshot, input, context: Context(answers: answers), now: now)
            } catch {
                return .ends(.refused(Refusal(error)))
            }
            switch outcome {
            case .stepped(let step) where step.isIdle(since: group.snapshot):
                return .ends(.done(answer(for: group, definition)))
            case .stepped(let step):
                return .ends(.done(record(step, of: input, job, &group, definition, machine)))
            case .needs(let reads):
                var missing: Set<Read> = []
                for read in reads {
                    if let answer = surroundings.answer(read, at: now) {
                        answers[read] = answer
                    } else {
                        missing.insert(read)
                    }
                }
                guard missing.isEmpty else {
                    if !missing.isDisjoint(with: answers.keys) {
                        return .ends(.failed("the machine asks again for what it was told"))
                    }
                    needs.reads[group.key, default: []].formUnion(missing)
                    return .waits
                }
            }
        }
    }

    /// Puts the instance in place; an outcome where there is none to step.
    private mutating func load(_ group: inout Group, for command: Command) -> Outcome? {
        if !group.isLoaded {
            if let stored = found.instances[group.key] {
                guard found.locked.contains(group.key) else { return .busy }
                do {
                    group.base = try stored.snapshot
                } catch {
                    return .failed("the snapshot of \(group.key.id) cannot be read: \(error)")
                }
                group.snapshot = group.base
                group.definition = stored.definition
                group.baseDefinition = stored.definition
            }
            group.isLoaded = true
        }
        switch command.target {
        case .instance(let id):
            guard group.snapshot != nil else {
                return .refused(Refusal(code: Refusal.notFound, message: "There is no instance \(id)."))
            }
        case .opening(let workflow):
            if let snapshot = group.snapshot {
                return .refused(
                    Refusal(
                        code: Refusal.alreadyOpen, message: "\(snapshot.reference) has the identifier \(snapshot.id).",
                        details: ["reference": .string(snapshot.reference)]))
            }
            guard let newest = found.newest[.init(tenant: command.tenant, name: workflow)] else {
                return .refused(
                    Refusal(
                        code: Refusal.unknownWorkflow, message: "No workflow `\(workflow)` is published.",
                        details: ["workflow": .string(workflow)]))
            }
            group.definition = DefinitionKey(tenant: command.tenant, name: workflow, version: newest.version)
        }
        return nil
    }

    /// The input as the machine takes it: an opening gets its reference.
    private mutating func prepared(_ command: Command, _ group: inout Group) -> Result<Input, Refusal> {
        guard case .opening(let workflow) = command.target else { return .success(command.input) }
        guard case .open(var opening) = command.input.act else {
            return .failure(Refusal(code: "invalid", message: "An opening needs the act `open`."))
        }
        let distance = abs(opening.id.instant.microseconds - found.recordedAt.microseconds)
        // A child got its identifier when its parent asked for it, which may have been long ago.
        guard opening.id.version == 7, opening.parent != nil || distance <= 86_400_000_000 else {
            return .failure(
                Refusal(
                    code: Refusal.badIdentifier,
                    message: "\(opening.id) is no identifier of version 7 made within a day of now."))
        }
        let key = Found.WorkflowKey(tenant: command.tenant, name: workflow)
        if group.reference == nil { group.reference = found.newest[key]?.reference() }
        opening.reference = group.reference ?? ""
        group.visibility = opening.visibility
        var input = command.input
        input.act = .open(opening)
        return .success(input)
    }

    /// A link needs its target to exist, which the database asks too, but of the whole batch.
    private func refusal(
        linking act: Act, _ answers: [Read: CEL.Value], _ needs: inout Needs, _ key: InstanceKey
    ) -> Progress? {
        guard case .link(let target, _) = act else { return nil }
        let question = Read.exists(.instance, target.description)
        switch answers[question] {
        case .bool(true): return nil
        case .some:
            return .ends(.refused(Refusal(code: Refusal.notFound, message: "There is no instance \(target).")))
        case nil:
            needs.reads[key, default: []].insert(question)
            return .waits
        }
    }

    // MARK: - After the step

    /// Writes down a step that was made.
    private mutating func record(
        _ step: Step, of input: Input, _ job: Int, _ group: inout Group, _ key: DefinitionKey, _ machine: Machine
    ) -> Answer {
        let previous = group.snapshot
        var recorder = StepRecorder(
            key: group.key, definition: key, found: found, previous: previous, input: input, step: step)
        recorder.record(into: &writes, finalStates: machine.finalStates)
        group.variablePart = recorder.variablePart
        group.snapshot = step.snapshot
        group.definition = key
        let answer = answer(for: group, key)
        if let first = recorder.first {
            attempts[job] = Job.Attempt(
                key: group.key, sequence: first.sequence, hash: first.hash, answer: answer)
        }
        return answer
    }

    private func answer(for group: Group, _ key: DefinitionKey) -> Answer {
        Answer(
            instance: group.key.id, reference: group.snapshot?.reference ?? "", definition: key.name,
            version: key.version, sequence: group.snapshot?.sequence ?? 0, state: group.snapshot?.state ?? "",
            status: group.snapshot?.status ?? .running, recordedAt: found.recordedAt)
    }

    /// Keeps the answer under its key, and takes away the row that the command came from.
    private mutating func conclude(_ job: Int, _ group: inout Group, _ outcome: Outcome) {
        outcomes[job] = outcome
        let command = jobs[job].command
        switch outcome {
        case .done: break
        case .refused(var refusal):
            if command.idempotencyKey != nil {
                refusal.recordedAt = found.recordedAt
                outcomes[job] = .refused(refusal)
            }
            if refusal.code == Rejection.suspended.code, command.origin != .request {
                group.isHeldUp = true
                return
            }
            reportFailedOpening(command, refusal)
        case .gone: return
        case .busy, .failed:
            group.isHeldUp = true
            return
        }
        if let key = command.idempotencyKey, let kept = outcomes[job]?.kept {
            writes.answers.append(
                .init(
                    tenant: command.tenant, principal: command.input.actor.text, key: key,
                    requestHash: command.requestHash, answer: StoredJSON(kept)))
        }
        switch command.origin {
        case .request: break
        case .timer(let instance, let timer):
            guard case .timer(let item, _) = command.input.act else { break }
            writes.disarm(
                .init(
                    key: InstanceKey(tenant: command.tenant, id: instance), item: item, generation: timer.generation,
                    dueAt: timer.dueAt))
        case .inbox(let position): writes.takenInbox.append((command.tenant, position))
        case .occurrence(let at, let key):
            if case .opening(let workflow) = command.target, case .done = outcome {
                writes.occurrences.append(
                    .init(tenant: command.tenant, definition: workflow, at: at, key: key, instance: group.key.id))
            }
        }
    }

    /// Tells the parent, in the same transaction, that its child was not opened.
    private mutating func reportFailedOpening(_ command: Command, _ refusal: Refusal) {
        guard case .inbox = command.origin, case .open(let opening) = command.input.act, let parent = opening.parent,
            refusal.code != Refusal.alreadyOpen
        else { return }
        let input = Input(actor: .worker, act: .openingFailed(parent.child, reason: refusal.message))
        writes.inbox.append(
            .init(
                tenant: command.tenant, target: parent.instance, source: opening.id, sequence: 0, ordinal: 0,
                kind: "message", body: StoredJSON(["input": input.json])))
    }

    /// Writes what the whole group of commands has made of the instance.
    private mutating func finish(
        _ group: Group, _ key: DefinitionKey, _ snapshot: Snapshot, _ machine: Machine, _ world: World
    ) {
        if group.base == nil {
            writes.instances.append(
                .init(
                    key: group.key, definition: key, kind: snapshot.kind, visibility: group.visibility,
                    reference: snapshot.reference, parent: snapshot.parent))
        }
        if let part = group.variablePart, group.base == nil || part != found.instances[group.key]?.data.bytes {
            writes.data.append(.init(key: group.key, snapshot: VerbatimJSON(bytes: part), isNew: group.base == nil))
        }
        var former = machine
        if let key = group.baseDefinition, case .success(let machine)? = world.machines[key] { former = machine }
        writes.projections.add(
            group.key, from: group.base, under: former.definition, to: snapshot, machine.definition)
    }
}

extension Step {
    /// Whether clocks were computed anew and nothing came of it, so that there is nothing to record.
    fileprivate func isIdle(since before: Snapshot?) -> Bool {
        guard let before, entries.count == 1, let entry = entries.first, entry.kind == .recomputation else {
            return false
        }
        return entry.notes.isEmpty && effects.isEmpty && timers.isEmpty && before.hasSameVariablePart(as: snapshot)
    }
}

extension Snapshot {
    /// Whether what ``variablePart`` holds is equal in both.
    func hasSameVariablePart(as other: Snapshot) -> Bool {
        var copy = other
        copy.sequence = sequence
        copy.state = state
        copy.status = status
        copy.lastAt = lastAt
        return self == copy
    }
}
