import Deadlines
import JSON

extension Note {
    /// The note as the journal keeps it: its name and its particulars.
    public var json: JSON {
        var writer = CanonicalWriter()
        write(to: &writer)
        return (try? JSON(parsing: writer.bytes)) ?? .null
    }

    /// Writes ``json``.
    public func write(to writer: inout CanonicalWriter) {
        writer.object { writer in
            switch self {
            case .wrote, .decided, .assigned, .notified, .sent, .called, .fault: writeMembers(to: &writer)
            case .taskOpened, .taskAssigned, .taskDone, .taskCancelled: writeTask(to: &writer)
            case .approvalOpened, .voted, .granted, .refused, .voided, .approvalCancelled: writeApproval(to: &writer)
            case .clockStarted, .clockMoved, .clockLatestMoved, .clockPaused, .clockResumed, .clockOverdue,
                .clockStopped, .clockCancelled:
                writeClock(to: &writer)
            case .rung, .acknowledged, .staleTimer: writeLadder(to: &writer)
            case .childOpened, .childTold, .childDropped, .childKept, .childEnded: writeChild(to: &writer)
            }
        }
    }

    private func writeMembers(to writer: inout CanonicalWriter) {
        switch self {
        case .wrote(let fields):
            writer.list("fields", fields)
            writer.note("wrote")
        case .decided(let table, let rows):
            writer.note("decided")
            writer.key("rows")
            writer.array(rows) { $0.write(Int64($1)) }
            writer.member("table", table)
        case .assigned(let role, let people):
            writer.note("assigned")
            writer.member("role", role)
            writer.list("to", people)
        case .notified(let template, let people):
            writer.note("notified")
            writer.member("template", template)
            writer.list("to", people)
        case .sent(let event, let target):
            writer.member("event", event)
            writer.note("sent")
            writer.member("to", target.description)
        case .called(let connector):
            writer.member("connector", connector)
            writer.note("called")
        case .fault(let message):
            writer.member("message", message)
            writer.note("fault")
        default: break
        }
    }

    private func writeTask(to writer: inout CanonicalWriter) {
        switch self {
        case .taskOpened(let item, let who):
            writer.note("taskOpened", item)
            writer.list("who", who)
        case .taskAssigned(let item, let person):
            writer.note("taskAssigned", item)
            writer.member("to", orNull: person)
        case .taskDone(let item, let person):
            writer.member("by", person)
            writer.note("taskDone", item)
        case .taskCancelled(let item): writer.note("taskCancelled", item)
        default: break
        }
    }

    private func writeApproval(to writer: inout CanonicalWriter) {
        switch self {
        case .approvalOpened(let item, let who):
            writer.note("approvalOpened", item)
            writer.list("who", who)
        case .voted(let item, let person, let isApproval):
            writer.member("approves", JSON.bool(isApproval))
            writer.member("by", person)
            writer.note("voted", item)
        case .granted(let item): writer.note("granted", item)
        case .refused(let item): writer.note("refused", item)
        case .voided(let item, let field):
            writer.member("field", field)
            writer.note("voided", item)
        case .approvalCancelled(let item): writer.note("approvalCancelled", item)
        default: break
        }
    }

    private func writeClock(to writer: inout CanonicalWriter) {
        switch self {
        case .clockStarted(let item, let round, let startedAt, let due):
            writer.member("at", startedAt)
            writer.member("due", orNull: due)
            writer.note("clockStarted", item)
            writer.member("round", Int64(round))
        case .clockMoved(let item, let round, let from, let to):
            writer.moved("clockMoved", item, round, from, to)
        case .clockLatestMoved(let item, let round, let from, let to):
            writer.moved("clockLatestMoved", item, round, from, to)
        case .clockPaused(let item, let round, let at):
            writer.member("at", at)
            writer.note("clockPaused", item)
            writer.member("round", Int64(round))
        case .clockResumed(let item, let round, let due):
            writer.member("due", orNull: due)
            writer.note("clockResumed", item)
            writer.member("round", Int64(round))
        case .clockOverdue(let item, let round, let due):
            writer.member("due", due)
            writer.note("clockOverdue", item)
            writer.member("round", Int64(round))
        case .clockStopped(let item, let round, let at, let isMet):
            writer.member("at", at)
            writer.item(item)
            writer.member("met", JSON.bool(isMet))
            writer.note("clockStopped")
            writer.member("round", Int64(round))
        case .clockCancelled(let item, let round):
            writer.note("clockCancelled", item)
            writer.member("round", Int64(round))
        default: break
        }
    }

    private func writeLadder(to writer: inout CanonicalWriter) {
        switch self {
        case .rung(let item, let ladder, let rung, let skipped, let repetition):
            writer.item(item)
            writer.member("ladder", ladder)
            writer.note("rung")
            writer.member("repetition", Int64(repetition))
            writer.member("rung", Int64(rung))
            writer.member("skipped", Int64(skipped))
        case .acknowledged(let item, let person):
            writer.member("by", person)
            writer.note("acknowledged", item)
        case .staleTimer(let item, let generation):
            writer.member("generation", generation)
            writer.note("staleTimer", item)
        default: break
        }
    }

    private func writeChild(to writer: inout CanonicalWriter) {
        switch self {
        case .childOpened(let item, let instance):
            writer.member("instance", instance.description)
            writer.note("childOpened", item)
        case .childTold(let item, let fields):
            writer.list("fields", fields)
            writer.note("childTold", item)
        case .childDropped(let item, let event):
            writer.member("event", orNull: event)
            writer.note("childDropped", item)
        case .childKept(let item, let event):
            writer.member("event", orNull: event)
            writer.note("childKept", item)
        case .childEnded(let item, let state):
            writer.note("childEnded", item)
            writer.member("state", state)
        default: break
        }
    }
}

// Members of notes; cases above write theirs in the order of their keys, which spares putting them in order.
extension CanonicalWriter {
    fileprivate mutating func note(_ name: String) { member("note", name) }

    fileprivate mutating func note(_ name: String, _ item: ItemKey) {
        self.item(item)
        note(name)
    }

    fileprivate mutating func item(_ item: ItemKey) {
        key("item")
        object { item.write(to: &$0) }
    }

    fileprivate mutating func list(_ key: StaticString, _ texts: [String]) {
        self.key(key)
        array(texts) { $0.write($1) }
    }

    fileprivate mutating func member(_ key: StaticString, orNull text: String?) {
        member(key, text.map(JSON.string) ?? .null)
    }

    fileprivate mutating func member(_ key: StaticString, orNull instant: Instant?) {
        guard let instant else { return member(key, JSON.null) }
        member(key, instant)
    }

    fileprivate mutating func moved(_ name: String, _ item: ItemKey, _ round: Int, _ from: Instant?, _ to: Instant?) {
        member("from", orNull: from)
        note(name, item)
        member("round", Int64(round))
        member("to", orNull: to)
    }
}
