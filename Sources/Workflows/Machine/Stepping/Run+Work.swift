import CEL
import Deadlines

// Tasks and approvals: they open with their state and close with it.
extension Run {
    /// Opens the tasks and approvals of a state that has been entered.
    mutating func openWork(of state: StateTable) throws(Halt) {
        for task in state.state.tasks {
            for key in next.tasks.keys(named: task.name) { next.tasks[key] = nil }
            for (key, item) in try elements(task.each, task.key, .plain) {
                try open(task, ItemKey(task.name, key), item)
            }
        }
        for approval in state.state.approvals {
            for key in next.approvals.keys(named: approval.name) { next.approvals[key] = nil }
            for (key, item) in try elements(approval.each, approval.key, .plain) {
                try open(approval, ItemKey(approval.name, key), item)
            }
        }
    }

    /// Opens what a state has by now and an instance that stands in it lacks.
    mutating func openMissingWork(of state: StateTable) throws(Halt) {
        for task in state.state.tasks where task.each == nil {
            let key = ItemKey(task.name)
            if next.tasks[key] == nil { try open(task, key, nil) }
        }
        for approval in state.state.approvals where approval.each == nil {
            let key = ItemKey(approval.name)
            if next.approvals[key] == nil { try open(approval, key, nil) }
        }
    }

    private mutating func open(_ task: Definition.Task, _ key: ItemKey, _ item: CEL.Value?) throws(Halt) {
        let scope = Scope(item: item)
        let title = try text(task.title, scope)
        let who = try people(task.who, scope)
        next.tasks[key] = TaskRecord(
            status: .open, title: title, item: item, who: who, assignee: nil, openedAt: now, doneBy: nil, doneAt: nil,
            result: [:])
        change(.tasks)
        note(.taskOpened(key, who: who))
        if let due = task.due { try beginRound(key.taskClock, title: title, due, from: now, scope) }
    }

    private mutating func open(_ approval: Definition.Approval, _ key: ItemKey, _ item: CEL.Value?) throws(Halt) {
        let scope = Scope(item: item)
        let title = try text(approval.title, scope)
        let who = try people(approval.who, scope)
        next.approvals[key] = ApprovalRecord(
            status: .open, title: title, item: item, who: who, openedAt: now, votes: [])
        change(.approvals)
        note(.approvalOpened(key, who: who))
        if let due = approval.due { try beginRound(key.approvalClock, title: title, due, from: now, scope) }
    }

    /// The persons that `who` yields.
    private mutating func people(_ who: Formula?, _ scope: Scope) throws(Halt) -> [String] {
        guard let who else { return [] }
        switch try value(of: who, scope) {
        case .string(let person): return [person]
        case .list(let list): return list.compactMap(\.stringValue).uniqued()
        case let other: throw failed(who, "a person or a list of persons is wanted, not \(other.type.name)", at: nil)
        }
    }

    /// Closes what is still open in a state that is left; results stay.
    mutating func closeWork(of state: StateTable) {
        for task in state.state.tasks {
            for key in next.tasks.keys(named: task.name) where next.tasks[key]?.status == .open {
                cancelTask(key)
            }
        }
        for approval in state.state.approvals {
            for key in next.approvals.keys(named: approval.name) where next.approvals[key]?.status == .open {
                cancelApproval(key)
            }
        }
    }

    mutating func cancelTask(_ key: ItemKey) {
        next.tasks[key]?.status = .cancelled
        change(.tasks)
        note(.taskCancelled(key))
        cancelRound(key.taskClock, at: now)
    }

    mutating func cancelApproval(_ key: ItemKey) {
        next.approvals[key]?.status = .cancelled
        next.approvals[key]?.votes = []
        change(.approvals)
        note(.approvalCancelled(key))
        cancelRound(key.approvalClock, at: now)
    }

    /// Opens and closes elements as their lists have changed, and times anew what is open.
    mutating func reconcileWork(of state: StateTable) throws(Halt) {
        for task in state.state.tasks {
            try reconcile(task.name, task.each, task.key, in: next.tasks) { (run, key, item) throws(Halt) in
                try run.open(task, key, item)
            } renew: { run, key, item in
                guard run.next.tasks[key]?.item != item else { return }
                run.next.tasks[key]?.item = item
                run.change(.tasks)
            } cancel: { run, key in
                if run.next.tasks[key]?.status == .open { run.cancelTask(key) }
                run.next.tasks[key] = nil
            }
            try retimeWork(task.due, next.tasks.keys(named: task.name).map { ($0.taskClock, next.tasks[$0]?.item) })
        }
        for approval in state.state.approvals {
            try reconcile(approval.name, approval.each, approval.key, in: next.approvals) {
                (run, key, item) throws(Halt) in
                try run.open(approval, key, item)
            } renew: { run, key, item in
                guard run.next.approvals[key]?.item != item else { return }
                run.next.approvals[key]?.item = item
                run.change(.approvals)
            } cancel: { run, key in
                if run.next.approvals[key]?.status == .open { run.cancelApproval(key) }
                run.next.approvals[key] = nil
            }
            try clockReopened(approval)
            try retimeWork(
                approval.due,
                next.approvals.keys(named: approval.name).map { ($0.approvalClock, next.approvals[$0]?.item) })
        }
    }

    /// An approval whose votes were voided after it was granted or refused is due anew, as from now.
    private mutating func clockReopened(_ approval: Definition.Approval) throws(Halt) {
        guard let due = approval.due, changed.contains(.approvals) else { return }
        for key in next.approvals.keys(named: approval.name) {
            guard let record = next.approvals[key], record.status == .open,
                let clock = next.clocks[key.approvalClock], !clock.isOpen
            else { continue }
            try beginRound(key.approvalClock, title: record.title, due, from: now, Scope(item: record.item))
        }
    }

    private mutating func reconcile<Record>(
        _ name: String, _ each: Formula?, _ key: Formula?, in records: Ordered<ItemKey, Record>,
        open: (inout Run, ItemKey, CEL.Value?) throws(Halt) -> Void, renew: (inout Run, ItemKey, CEL.Value?) -> Void,
        cancel: (inout Run, ItemKey) -> Void
    ) throws(Halt) {
        guard let each, move == nil, !changed.isDisjoint(with: each.inputs) else { return }
        let elements = try elements(each, key, .plain)
        for (key, item) in elements {
            let key = ItemKey(name, key)
            if records[key] == nil { try open(&self, key, item) } else { renew(&self, key, item) }
        }
        let present = Set(elements.map(\.key))
        for key in records.keys(named: name) where !present.contains(key.key) { cancel(&self, key) }
    }

    private mutating func retimeWork(
        _ due: Definition.Timing?, _ clocks: [(key: ItemKey, item: CEL.Value?)]
    ) throws(Halt) {
        guard let due, isRecomputing || !changed.isDisjoint(with: due.inputs) else { return }
        for (key, item) in clocks {
            guard let round = next.clocks[key]?.open else { continue }
            try retime(key, due, from: round.startedAt, Scope(item: item))
        }
    }

    /// Voids the votes of the present state's approvals that cover a field.
    mutating func voidVotes(covering field: String) {
        guard let names = state?.covering[field] else { return }
        for name in names {
            for key in next.approvals.keys(named: name) {
                guard let record = next.approvals[key], record.status != .cancelled else { continue }
                next.approvals[key]?.votes = []
                next.approvals[key]?.status = .open
                change(.approvals)
                note(.voided(key, field: field))
            }
        }
    }

    // MARK: What people do

    /// A person has done a task.
    mutating func complete(_ key: ItemKey, _ result: [String: CEL.Value]) throws(Halt) {
        guard let record = next.tasks[key], record.status == .open, let task = state?.task(key.name) else {
            throw unknownItem("task", key, open: next.tasks.filter { $0.value.status == .open }.map(\.key))
        }
        begin(.task, "complete")
        let (person, _) = try demandAsked(key, who: record.who, assignee: record.assignee, from: task.from)
        let admitted = try admit(result, task.result)
        next.tasks[key]?.status = .done
        next.tasks[key]?.doneBy = person
        next.tasks[key]?.doneAt = now
        next.tasks[key]?.result = admitted
        change(.tasks)
        note(.taskDone(key, by: person))
        endRound(key.taskClock, at: now)
        try settle()
    }

    /// The result of a task, with everything missing or wrong named.
    private mutating func admit(
        _ result: [String: CEL.Value], _ fields: [Definition.Field]
    ) throws(Halt) -> [String: CEL.Value] {
        let unexpected = result.keys.filter { name in !fields.contains { $0.name == name } }
        guard unexpected.isEmpty else {
            throw reject(.unexpected(unexpected.sorted(), allowed: fields.map(\.name)))
        }
        var admitted: [String: CEL.Value] = [:]
        var problems: [Rejection.Problem] = []
        var missing: [String] = []
        for field in fields {
            if let value = result[field.name], value != .null {
                admitted[field.name] = admitSent(value, as: field.schema, at: SchemaPath(field.name), &problems)
            } else if field.isRequired {
                missing.append(field.name)
            }
        }
        if !missing.isEmpty { throw reject(.missing(missing)) }
        if !problems.isEmpty { throw reject(.invalid(problems)) }
        return admitted
    }

    /// A person votes.
    mutating func vote(_ key: ItemKey, isApproval: Bool) throws(Halt) {
        guard let record = next.approvals[key], record.status == .open, let approval = state?.approval(key.name)
        else {
            throw unknownItem("approval", key, open: next.approvals.filter { $0.value.status == .open }.map(\.key))
        }
        begin(.vote, isApproval ? "approve" : "refuse")
        let (person, authority) = try demandVoter(key, record, approval)
        let castBy = person == authority ? nil : person
        let votes = record.votes + [.init(person: authority, castBy: castBy, isApproval: isApproval, at: now)]
        next.approvals[key]?.votes = votes
        change(.approvals)
        note(.voted(key, by: authority, isApproval: isApproval))
        if votes.count(where: \.isApproval) >= approval.quorum {
            next.approvals[key]?.status = .granted
            note(.granted(key))
            endRound(key.approvalClock, at: now)
        } else if votes.count(where: { !$0.isApproval }) >= approval.refusals {
            next.approvals[key]?.status = .refused
            note(.refused(key))
            endRound(key.approvalClock, at: now)
        }
        try settle()
    }

    /// Makes sure that the actor is asked for a vote and that no vote has come from their hand.
    @discardableResult
    mutating func demandVoter(
        _ key: ItemKey, _ record: ApprovalRecord, _ approval: Definition.Approval
    ) throws(Halt) -> (person: String, authority: String) {
        let (person, authority) = try demandAsked(key, who: record.who, from: approval.from)
        let hands = Set(record.votes.flatMap { [$0.person, $0.castBy ?? $0.person] })
        guard !hands.contains(person), !hands.contains(authority) else {
            throw reject(.votedAlready(person: person, key))
        }
        return (person, authority)
    }

    func unknownItem(_ kind: String, _ key: ItemKey, open: [ItemKey]) -> Halt {
        reject(.unknownItem(kind: kind, key, open: open.sorted()))
    }
}

extension ItemKey {
    /// The clock of a task's `due`.
    public var taskClock: ItemKey { ItemKey("task:\(name)", key) }
    /// The clock of an approval's `due`.
    public var approvalClock: ItemKey { ItemKey("approval:\(name)", key) }
}
