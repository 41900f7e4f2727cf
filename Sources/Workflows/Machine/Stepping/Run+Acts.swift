import CEL
import Deadlines

// Every kind of input, and what becomes of one that fails.
extension Run {
    /// Carries the input out.
    ///
    /// Whoever awaits an answer gets a rejection. Any other input is kept: what it says itself stands, what should
    /// have followed from it is left for the next input, and a fault is journalled.
    mutating func perform() throws(Halt) {
        if hasEnded, try performAfterEnd() { return }
        switch input.act {
        case .open(let opening): try open(opening)
        case .event(let name, let form): try perform(event: name, form)
        case .complete(let key, let result):
            try demandMoving()
            try complete(key, result)
        case .vote(let key, let isApproval, _):
            try demandMoving()
            try vote(key, isApproval: isApproval)
        case .correct(let fields, let reason): try correct(fields, reason)
        case .assign(let role, let people, _): try assign(role, people)
        case .assignTask(let key, let person, _): try assignTask(key, to: person)
        case .comment: begin(.comment, "comment")
        case .attach: begin(.evidence, "attach")
        case .link: begin(.link, "link")
        case .acknowledge(let key, _): try acknowledge(key)
        case .cancel: cancel()
        case .suspend:
            begin(.suspension, "suspend")
            next.status = .suspended
        case .resume: try resume()
        case .timer(let key, let generation): try timer(key, generation)
        case .tell(let fields): try tell(fields)
        case .report(let key, let state, let isFinal, let exports):
            begin(.report, "report")
            takeReport(key, state: state, isFinal: isFinal, exports: exports)
            try settleOrFault()
        case .openingFailed(let key, let reason): openingFailed(key, reason)
        case .recompute:
            begin(.recomputation, "recompute")
            try settleOrFault()
        case .upgrade(let upgrade, _): try self.upgrade(upgrade)
        }
    }

    /// What is still done once the instance has ended; says whether that was all.
    private mutating func performAfterEnd() throws(Halt) -> Bool {
        switch input.act {
        case .comment, .attach, .link, .correct: return false
        case .timer(let key, let generation):
            begin(.timer, "timer")
            note(.staleTimer(key, generation: generation))
        case .tell: begin(.told, "tell")
        case .report: begin(.report, "report")
        case .recompute: begin(.recomputation, "recompute")
        case .event(let name, _) where !input.actor.awaitsAnswer:
            begin(.fault, name)
            note(.fault("\(next.reference) has ended in \(next.state); \(name) changes nothing."))
        default: throw reject(.alreadyFinal(state: next.state))
        }
        return true
    }

    /// Makes sure that the instance is not held.
    private func demandMoving() throws(Halt) {
        if next.status == .suspended { throw reject(.suspended) }
    }

    private mutating func perform(event name: String, _ form: [String: CEL.Value]) throws(Halt) {
        try demandMoving()
        guard !input.actor.awaitsAnswer else { return try send(name, form) }
        let saved = copy()
        do throws(Halt) {
            try send(name, form)
        } catch .rejected(let rejection) {
            undo(to: saved)
            begin(.fault, name)
            fault(rejection)
        }
    }

    // MARK: Faults

    /// Goes back to a copy, but remembers what has been read since: a replay fails in the same way by it.
    mutating func undo(to saved: consuming Run) {
        let reads = reads
        self = saved
        self.reads = reads
    }

    /// Journals a fault and tells whoever can mend it.
    private mutating func fault(_ rejection: Rejection) {
        note(.fault(rejection.message))
        var people: [String] = []
        if let owner = tables.roles["owner"] { people = holders(of: owner) }
        if people.isEmpty {
            people = next.holders.values.flatMap { $0 }.uniqued()
        }
        notify(people, Notification.fault)
    }

    /// Settles; where that fails, what the input itself said is kept and the rest is left for the next input.
    private mutating func settleOrFault() throws(Halt) {
        if next.status == .suspended {
            next.isUnsettled = true
            return
        }
        let saved = copy()
        do throws(Halt) {
            try settle()
        } catch .rejected(let rejection) {
            undo(to: saved)
            next.isUnsettled = true
            entries[entries.count - 1].kind = .fault
            fault(rejection)
        }
    }

    // MARK: Timers and messages

    private mutating func timer(_ key: ItemKey, _ generation: Int64) throws(Halt) {
        begin(.timer, "timer")
        let events = fire(key, generation: generation)
        guard fired != nil else { return }
        if hasConsequences { try settleOrFault() }
        for event in events where isRunning {
            let saved = copy()
            actor = .ladder(key)
            do throws(Halt) {
                beginLadderEvent(event)
                try take(event, [:])
                try settle()
            } catch .rejected(let rejection) {
                undo(to: saved)
                note(.fault("The ladder's event \(event) was refused: \(rejection.message)"))
            }
            actor = input.actor
        }
    }

    /// A timer and the event that its ladder sends first are one entry: the move tells of the timer what there is to tell.
    private mutating func beginLadderEvent(_ event: String) {
        guard entries.count == 1, entries[0].kind == .timer else { return begin(.transition, event) }
        (entries[0].kind, entries[0].event) = (.transition, event)
    }

    private mutating func tell(_ fields: [String: CEL.Value]) throws(Halt) {
        begin(.told, "tell")
        var problems: [Rejection.Problem] = []
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            guard let table = tables.fields[name], !table.isDerived else {
                problems.append(Rejection.Problem(path: name, message: "is not known here"))
                continue
            }
            next.followed.insert(name)
            if value == .null {
                write(table, nil)
            } else {
                let before = problems.count
                let admitted = admitSent(value, as: table.field.schema, at: SchemaPath(name), &problems)
                if problems.count == before { write(table, admitted) }
            }
        }
        noteWrites()
        if !problems.isEmpty {
            entries[entries.count - 1].kind = .fault
            fault(.invalid(problems))
        }
        try settleOrFault()
    }

    private mutating func openingFailed(_ key: ItemKey, _ reason: String) {
        begin(.fault, "openingFailed")
        next.children[key] = nil
        next.isUnsettled = true
        fault(.unanswered("The child \(key) could not be opened: \(reason)"))
    }

    // MARK: Commands of the engine

    private mutating func correct(_ fields: [String: CEL.Value], _ reason: String) throws(Halt) {
        try demandMoving()
        begin(.correction, "correct")
        (event, sent, self.reason) = ("correct", fields, reason)
        guard reason.contains(where: { !$0.isWhitespace }) else { throw reject(.missing(["reason"])) }
        guard !fields.isEmpty else { throw reject(.missing(["fields"])) }
        var problems: [Rejection.Problem] = []
        var guards: [Definition.Guard] = []
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            guard let correction = tables.corrections[name], !next.followed.contains(name),
                let table = tables.fields[name], !table.isDerived
            else {
                let correctable = tables.corrections.keys.filter { !next.followed.contains($0) }
                throw reject(.notCorrectable(field: name, correctable: correctable))
            }
            try authorise(correction.allow)
            guards += correction.guards
            if value == .null {
                write(table, nil)
            } else {
                let admitted = admitSent(value, as: table.field.schema, at: SchemaPath(name), &problems)
                if problems.isEmpty { write(table, admitted) }
            }
        }
        guard problems.isEmpty else { throw reject(.invalid(problems)) }
        try judgeChecklists()
        try derive()
        try demandGuards(guards)
        // A correction is no event of the definition: no condition waits for it.
        event = nil
        try settle()
    }

    private mutating func assign(_ name: String, _ people: [String]) throws(Halt) {
        begin(.assignment, "assign")
        guard let role = tables.roles[name] else {
            throw reject(.unexpected([name], allowed: definition.roles.map(\.name)))
        }
        guard role.role.many || people.count <= 1 else {
            let message = "is held by one person at a time"
            throw reject(.invalid([Rejection.Problem(path: name, message: message)]))
        }
        try give(role, to: people)
        if isRunning {
            try settle()
        } else {
            next.isUnsettled = true
        }
    }

    private mutating func assignTask(_ key: ItemKey, to person: String?) throws(Halt) {
        guard let record = next.tasks[key], record.status == .open, let task = state?.task(key.name) else {
            throw unknownItem("task", key, open: next.tasks.filter { $0.value.status == .open }.map(\.key))
        }
        begin(.assignment, "assignTask")
        if let person { try demandAssignable(person, key, record, task) }
        next.tasks[key]?.assignee = person
        note(.taskAssigned(key, to: person))
    }

    private mutating func demandAssignable(
        _ person: String, _ key: ItemKey, _ record: TaskRecord, _ task: Definition.Task
    ) throws(Halt) {
        if !record.who.isEmpty || task.from.isEmpty {
            guard record.who.contains(person) else { throw reject(.notAsked(person: person, key)) }
            return
        }
        var refusal: Halt?
        for name in task.from {
            guard let role = tables.roles[name] else { continue }
            if isHolder(person, of: role) { return }
            do throws(Halt) {
                return try demandEligible(person, for: role)
            } catch {
                refusal = refusal ?? error
            }
        }
        throw refusal ?? reject(.notAsked(person: person, key))
    }

    private mutating func acknowledge(_ key: ItemKey) throws(Halt) {
        guard next.clocks[key]?.isOpen == true else {
            throw unknownItem("clock", key, open: next.clocks.filter(\.value.isOpen).map(\.key))
        }
        begin(.acknowledgement, "acknowledge")
        let person = persons?.acting ?? input.actor.words
        update(key) { $0.acknowledgedBy = person }
        note(.acknowledged(key, by: person))
    }

    private mutating func cancel() {
        begin(.cancellation, "cancel")
        if let state { closeWork(of: state) }
        next.status = .cancelled
        closeClocks()
    }

    private mutating func resume() throws(Halt) {
        begin(.suspension, "resume")
        next.status = .running
        if next.isUnsettled {
            next.isUnsettled = false
            changed = .everything
            underived = .everything
        }
        try settleOrFault()
    }
}
