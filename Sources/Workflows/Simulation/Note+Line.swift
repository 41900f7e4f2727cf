extension Note {
    /// The note as a line of a log.
    var line: String {
        switch self {
        case .wrote(let fields): "set \(fields.joined(separator: ", "))"
        case .decided(let table, let rows):
            rows.isEmpty
                ? "decide \(table): no row" : "decide \(table): row \(rows.map(String.init).joined(separator: ", "))"
        case .assigned(let role, let people):
            people.isEmpty ? "role \(role) to nobody" : "role \(role) to \(people.joined(separator: ", "))"
        case .taskOpened(let key, let who): "task \(key) opened\(Self.people(who))"
        case .taskAssigned(let key, let person): "task \(key) assigned to \(person ?? "nobody")"
        case .taskDone(let key, let person): "task \(key) done by \(person)"
        case .taskCancelled(let key): "task \(key) cancelled"
        case .approvalOpened(let key, let who): "approval \(key) opened\(Self.people(who))"
        case .voted(let key, let person, let isApproval):
            "approval \(key): \(person) \(isApproval ? "approves" : "refuses")"
        case .granted(let key): "approval \(key) granted"
        case .refused(let key): "approval \(key) refused"
        case .voided(let key, let field): "approval \(key) void: \(field) changed"
        case .approvalCancelled(let key): "approval \(key) cancelled"
        case .acknowledged(let key, let person): "clock \(key) acknowledged by \(person)"
        case .notified(let template, let people):
            "notify \(template)\(people.isEmpty ? ": nobody" : Self.people(people))"
        case .sent(let event, let instance): "send \(event) to \(instance)"
        case .called(let connector): "call \(connector)"
        case .fault(let message): "fault: \(message)"
        case .clockStarted, .clockMoved, .clockLatestMoved, .clockPaused, .clockResumed, .clockOverdue, .clockStopped,
            .clockCancelled, .rung, .staleTimer:
            clockLine
        case .childOpened, .childTold, .childDropped, .childKept, .childEnded: childLine
        }
    }

    private var clockLine: String {
        switch self {
        case .clockStarted(let key, let round, _, let due):
            "clock \(key) started\(round > 1 ? " again" : ""), \(due.map { "due \($0)" } ?? "waiting")"
        case .clockMoved(let key, _, let from, let to):
            "clock \(key) moved from \(from?.description ?? "waiting") to \(to?.description ?? "waiting")"
        case .clockLatestMoved(let key, _, let from, let to):
            "what the law allows for \(key) moved from \(from?.description ?? "none") to \(to?.description ?? "none")"
        case .clockPaused(let key, _, _): "clock \(key) paused"
        case .clockResumed(let key, _, let due): "clock \(key) resumed\(due.map { ", due \($0)" } ?? "")"
        case .clockOverdue(let key, _, _): "clock \(key) overdue"
        case .clockStopped(let key, _, let at, let isMet): "clock \(key) \(isMet ? "met" : "missed") at \(at)"
        case .clockCancelled(let key, _): "clock \(key) cancelled"
        case .rung(let key, let ladder, let rung, let skipped, let repetition):
            "ladder \(ladder) of \(key): rung \(rung + 1)" + (skipped > 0 ? ", \(skipped) passed over" : "")
                + (repetition > 0 ? ", repetition \(repetition)" : "")
        case .staleTimer(let key, let generation): "timer \(generation) of \(key) is stale"
        default: ""
        }
    }

    private var childLine: String {
        switch self {
        case .childOpened(let key, _): "open \(key)"
        case .childTold(let key, let fields): "tell \(key) \(fields.joined(separator: ", "))"
        case .childDropped(let key, let event): event.map { "send \($0) to \(key)" } ?? "leave \(key)"
        case .childKept(let key, let event): event.map { "send \($0) to \(key)" } ?? "keep \(key)"
        case .childEnded(let key, let state): "\(key) ended in \(state)"
        default: ""
        }
    }

    private static func people(_ people: [String]) -> String {
        people.isEmpty ? "" : " for \(people.joined(separator: ", "))"
    }
}
