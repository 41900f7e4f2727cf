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
    let jobs: [Job]
    private let targets: Targets
    private(set) var found: Found
    private(set) var writes: Writes
    private(set) var outcomes: [Outcome?]
    /// What each request that is done has written first, to be looked for if the outcome of COMMIT is lost.
    private(set) var attempts: [Job.Attempt?]
    /// What could not be finished yet; nil before anything was begun.
    private var waiting: [Group]?
    /// That of the last command: most of a batch stand on the same.
    private var footing: Footing?

    init(_ jobs: [Job], _ targets: Targets, _ found: Found) {
        self.jobs = jobs
        self.targets = targets
        self.found = found
        writes = Writes(recordedAt: found.recordedAt, commands: jobs.count)
        outcomes = Array(repeating: nil, count: jobs.count)
        attempts = Array(repeating: nil, count: jobs.count)
    }

    /// What it will need, as far as can be said before it has begun.
    func foreseen(in world: World) -> Needs {
        var needs = Needs()
        var last: DefinitionKey?
        for case .held(let stored, _) in found.holdings where stored.definition != last {
            let definition = stored.definition
            if world.surroundings[definition.tenant] == nil { needs.surroundings.insert(definition.tenant) }
            if world.machines[definition] == nil { needs.machines.insert(definition) }
            last = definition
        }
        return needs
    }

    /// Goes on as far as the world allows, and says what is missing; nothing when it is finished.
    mutating func proceed(in world: World) -> Needs {
        var needs = Needs()
        let begun = waiting
        waiting = []
        if let begun {
            for var group in begun { proceed(with: &group, in: world, needs: &needs) }
        } else {
            for (target, key) in targets.keys.enumerated() {
                var group = Group(key: key, target: target, rest: targets.parts[target])
                proceed(with: &group, in: world, needs: &needs)
            }
        }
        return needs
    }

    /// Whether every command has its outcome.
    var isFinished: Bool { waiting?.isEmpty ?? false }

    private mutating func proceed(with group: inout Group, in world: World, needs: inout Needs) {
        while let place = group.rest.first {
            let job = targets.jobs[place]
            if group.isHeldUp, case .inbox = jobs[job].command.origin {
                outcomes[job] = .busy
            } else if let outcome = outcome(before: job) {
                outcomes[job] = outcome
            } else {
                switch step(job, &group, world, &needs) {
                case .waits:
                    waiting?.append(group)
                    return
                case .ends(let outcome): conclude(job, &group, outcome)
                }
            }
            group.rest = group.rest.dropFirst()
        }
        finish(&group)
    }

    // MARK: - Before the step

    /// The outcome of a command that needs no step: already done, gone, answered.
    private func outcome(before job: Int) -> Outcome? {
        if !found.committed.isEmpty, found.committed.contains(job), let attempt = jobs[job].attempt {
            return .done(attempt.answer)
        }
        if !found.origins[job], jobs[job].command.origin != .request { return .gone }
        let tenant = jobs[job].command.tenant
        guard footing?.definition.tenant == tenant || found.tenants[tenant] != nil else {
            return .refused(Refusal(code: Refusal.unknownTenant, message: "There is no tenant \(tenant)."))
        }
        return jobs[job].command.idempotencyKey == nil ? nil : keptAnswer(for: jobs[job].command)
    }

    // MARK: - The step

    private enum Progress {
        case waits
        case ends(Outcome)
    }

    private mutating func step(_ job: Int, _ group: inout Group, _ world: World, _ needs: inout Needs) -> Progress {
        if let outcome = load(&group) ?? place(&group, for: job) { return .ends(outcome) }
        guard let former = group.definition else { return .ends(.failed("the instance has no definition")) }
        guard let footing = footing(for: former, in: world, &needs) else { return .waits }
        let surroundings = footing.surroundings
        var (definition, loaded) = (former, footing.machine)
        if group.exists, group.baseMachine == nil { group.baseMachine = try? loaded.get() }
        var input = jobs[job].command.input
        if case .upgrade = input.act {
            switch world.upgrade(input.act, from: definition) {
            case .none: break
            case .refused(let refusal): return .ends(.refused(refusal))
            case .waits(let key):
                needs.machines.insert(key)
                return .waits
            case .goes(let act, let key, let newer): (input.act, definition, loaded) = (act, key, .success(newer))
            }
        }
        if let refusal = prepare(&input, for: job, &group) { return .ends(.refused(refusal)) }
        if let expected = jobs[job].command.expectedSequence, group.exists, expected != group.sequence {
            return .ends(.refused(Refusal(Rejection.staleVersion(expected: expected, actual: group.sequence))))
        }
        guard case .success(let machine) = loaded else {
            return .ends(.failed("\(definition.name) version \(definition.version) cannot be run"))
        }
        if case .request = jobs[job].command.origin,
            let refusal = Permission.refusal(
                of: jobs[job].command, on: group.stepped ?? group.base, machine, surroundings)
        {
            return .ends(.refused(refusal))
        }
        let now = max(found.recordedAt, group.lastAt ?? found.recordedAt)
        var answers = world.answers.isEmpty ? [:] : world.answers[group.key] ?? [:]
        if let refusal = refusal(linking: input.act, answers, &needs, group.key) {
            return refusal
        }
        while true {
            let outcome: Workflows.Outcome
            do throws(Rejection) {
                outcome = try machine.step(
                    group.stepped ?? group.base, input, context: Context(answers: answers), now: now)
            } catch {
                return .ends(.refused(Refusal(error)))
            }
            switch consume outcome {
            case .stepped(let step):
                if case .recompute = input.act, step.isIdle(since: group.stepped ?? group.base) {
                    return .ends(.done(answer(for: group, definition)))
                }
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

    /// What a command is stepped with; nil where it has to be fetched first.
    private mutating func footing(
        for definition: DefinitionKey, in world: World, _ needs: inout Needs
    ) -> Footing? {
        if let footing, footing.definition == definition { return footing }
        let (surroundings, machine) = (world.surroundings[definition.tenant], world.machines[definition])
        if surroundings == nil { needs.surroundings.insert(definition.tenant) }
        if machine == nil { needs.machines.insert(definition) }
        guard let surroundings, let machine else { return nil }
        footing = Footing(definition: definition, machine: machine, surroundings: surroundings)
        return footing
    }

    /// Reads the instance as it was found; an outcome where it cannot be had.
    private func load(_ group: inout Group) -> Outcome? {
        if group.isLoaded { return nil }
        switch found.holdings[group.target] {
        case .absent: break
        case .busy: return .busy
        case .held(let stored, let row):
            do {
                group.base = try stored.snapshot
            } catch {
                return .failed("the snapshot of \(group.key.id) cannot be read: \(error)")
            }
            group.exists = true
            (group.sequence, group.status) = (stored.head.sequence, stored.head.status)
            group.lastAt = stored.head.lastAt
            group.baseData = (row, stored.data.bytes)
            group.definition = stored.definition
        }
        group.isLoaded = true
        return nil
    }

    /// Sees to it that there is an instance for a command on one, and none for an opening; an outcome where not.
    private func place(_ group: inout Group, for job: Int) -> Outcome? {
        switch jobs[job].command.target {
        case .instance(let id):
            guard group.exists else {
                return .refused(Refusal(code: Refusal.notFound, message: "There is no instance \(id)."))
            }
        case .opening(let workflow):
            if let snapshot = group.stepped ?? group.base {
                return .refused(
                    Refusal(
                        code: Refusal.alreadyOpen, message: "\(snapshot.reference) has the identifier \(snapshot.id).",
                        details: ["reference": .string(snapshot.reference)]))
            }
            guard let newest = found.newest[.init(tenant: group.key.tenant, name: workflow)] else {
                return .refused(
                    Refusal(
                        code: Refusal.unknownWorkflow, message: "No workflow `\(workflow)` is published.",
                        details: ["workflow": .string(workflow)]))
            }
            group.definition = DefinitionKey(tenant: group.key.tenant, name: workflow, version: newest.version)
        }
        return nil
    }

    /// Makes the input what the machine takes: an opening gets its reference.
    private mutating func prepare(_ input: inout Input, for job: Int, _ group: inout Group) -> Refusal? {
        guard case .opening(let workflow) = jobs[job].command.target else { return nil }
        guard case .open(var opening) = input.act else {
            return Refusal(code: "invalid", message: "An opening needs the act `open`.")
        }
        let distance = abs(opening.id.instant.microseconds - found.recordedAt.microseconds)
        // A child got its identifier when its parent asked for it, which may have been long ago.
        guard opening.id.version == 7, opening.parent != nil || distance <= 86_400_000_000 else {
            return Refusal(
                code: Refusal.badIdentifier,
                message: "\(opening.id) is no identifier of version 7 made within a day of now.")
        }
        let key = Found.WorkflowKey(tenant: group.key.tenant, name: workflow)
        if group.reference == nil { group.reference = found.newest[key]?.reference() }
        opening.reference = group.reference ?? ""
        group.visibility = opening.visibility
        input.act = .open(opening)
        return nil
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
        _ step: consuming Step, of input: Input, _ job: Int, _ group: inout Group, _ key: DefinitionKey,
        _ machine: Machine
    ) -> Answer {
        let recorder = StepRecorder(
            key: group.key, definition: key, found: found, sequence: group.sequence + 1, status: group.status)
        let part = step.snapshot.variablePart
        let hash = recorder.record(step, part, of: input, machine.finalStates, into: &writes)
        group.variablePart = part
        group.stands(step.snapshot)
        group.stepped = step.snapshot
        group.definition = key
        group.machine = machine
        let answer = answer(for: group, key)
        if case .request = jobs[job].command.origin {
            attempts[job] = Job.Attempt(key: group.key, sequence: recorder.sequence, hash: hash, answer: answer)
        }
        return answer
    }

    private func answer(for group: Group, _ key: DefinitionKey) -> Answer {
        Answer(
            instance: group.key.id, reference: group.stepped?.reference ?? group.base?.reference ?? "",
            definition: key.name, version: key.version, sequence: group.sequence,
            state: group.stepped?.state ?? group.base?.state ?? "", status: group.status,
            recordedAt: found.recordedAt)
    }

    /// Keeps the answer under its key, and takes away the row that the command came from.
    private mutating func conclude(_ job: Int, _ group: inout Group, _ outcome: Outcome) {
        outcomes[job] = outcome
        switch outcome {
        case .done: break
        case .refused(var refusal):
            if jobs[job].command.idempotencyKey != nil {
                refusal.recordedAt = found.recordedAt
                outcomes[job] = .refused(refusal)
            }
            if refusal.code == Rejection.suspended.code, jobs[job].command.origin != .request {
                group.isHeldUp = true
                return
            }
            reportFailedOpening(jobs[job].command, refusal)
        case .gone: return
        case .busy, .failed:
            group.isHeldUp = true
            return
        }
        if jobs[job].command.idempotencyKey != nil { keepAnswer(to: jobs[job].command, outcomes[job]?.kept) }
        switch jobs[job].command.origin {
        case .request: break
        case .timer(let instance, let timer):
            if let row = jobs[job].timer { return writes.takenTimers.append(row) }
            guard case .timer(let item, _) = jobs[job].command.input.act else { break }
            writes.disarm(
                .init(
                    key: InstanceKey(tenant: group.key.tenant, id: instance), item: item,
                    generation: timer.generation, dueAt: timer.dueAt))
        case .inbox(let position): writes.takenInbox.append((group.key.tenant, position))
        case .occurrence(let at, let key):
            if case .opening(let workflow) = jobs[job].command.target, case .done = outcome {
                writes.occurrences.append(
                    .init(
                        tenant: group.key.tenant, definition: workflow, at: at, key: key, instance: group.key.id))
            }
        }
    }

    private mutating func keepAnswer(to command: Command, _ kept: JSON?) {
        guard let key = command.idempotencyKey, let kept else { return }
        writes.answers.append(
            .init(
                tenant: command.tenant, principal: command.input.actor.text, key: key,
                requestHash: command.requestHash, answer: StoredJSON(kept)))
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
                kind: "message", body: VerbatimJSON(bytes: (["input": input.json] as JSON).bytes())))
    }

    /// Writes what the whole group of commands has made of the instance.
    private mutating func finish(_ group: inout Group) {
        guard let machine = group.machine, let definition = group.definition, let snapshot = group.stepped,
            let part = group.variablePart
        else { return }
        if group.base == nil {
            writes.instances.append(
                .init(
                    key: group.key, definition: definition, kind: snapshot.kind, visibility: group.visibility,
                    reference: snapshot.reference, parent: snapshot.parent))
        }
        if part != group.baseData?.bytes {
            writes.data.append(.init(key: group.key, snapshot: VerbatimJSON(bytes: part), row: group.baseData?.row))
        }
        writes.projections.add(group.key, from: group.base, under: group.baseMachine ?? machine, to: snapshot, machine)
    }
}
