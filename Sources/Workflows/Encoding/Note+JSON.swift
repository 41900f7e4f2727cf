import Deadlines
import JSON

extension Note {
    /// The note as the journal keeps it: its name and its particulars.
    public var json: JSON {
        switch self {
        case .wrote(let fields): note("wrote", ("fields", list(fields)))
        case .decided(let table, let rows):
            note("decided", ("table", .string(table)), ("rows", .array(rows.map { .int(Int64($0)) })))
        case .assigned(let role, let people): note("assigned", ("role", .string(role)), ("to", list(people)))
        case .taskOpened(let item, let who): note("taskOpened", item, ("who", list(who)))
        case .taskAssigned(let item, let person): note("taskAssigned", item, ("to", optional(person)))
        case .taskDone(let item, let person): note("taskDone", item, ("by", .string(person)))
        case .taskCancelled(let item): note("taskCancelled", item)
        case .approvalOpened(let item, let who): note("approvalOpened", item, ("who", list(who)))
        case .voted(let item, let person, let isApproval):
            note("voted", item, ("by", .string(person)), ("approves", .bool(isApproval)))
        case .granted(let item): note("granted", item)
        case .refused(let item): note("refused", item)
        case .voided(let item, let field): note("voided", item, ("field", .string(field)))
        case .approvalCancelled(let item): note("approvalCancelled", item)
        case .acknowledged(let item, let person): note("acknowledged", item, ("by", .string(person)))
        case .notified(let template, let people):
            note("notified", ("template", .string(template)), ("to", list(people)))
        case .sent(let event, let target):
            note("sent", ("event", .string(event)), ("to", .string(target.description)))
        case .called(let connector): note("called", ("connector", .string(connector)))
        case .fault(let message): note("fault", ("message", .string(message)))
        case .clockStarted, .clockMoved, .clockLatestMoved, .clockPaused, .clockResumed, .clockOverdue, .clockStopped,
            .clockCancelled, .rung, .staleTimer:
            clockJSON
        case .childOpened, .childTold, .childDropped, .childKept, .childEnded: childJSON
        }
    }

    private var clockJSON: JSON {
        switch self {
        case .clockStarted(let item, let round, let startedAt, let due):
            note("clockStarted", item, number("round", round), ("at", instant(startedAt)), ("due", instant(due)))
        case .clockMoved(let item, let round, let from, let to):
            note("clockMoved", item, number("round", round), ("from", instant(from)), ("to", instant(to)))
        case .clockLatestMoved(let item, let round, let from, let to):
            note("clockLatestMoved", item, number("round", round), ("from", instant(from)), ("to", instant(to)))
        case .clockPaused(let item, let round, let at):
            note("clockPaused", item, number("round", round), ("at", instant(at)))
        case .clockResumed(let item, let round, let due):
            note("clockResumed", item, number("round", round), ("due", instant(due)))
        case .clockOverdue(let item, let round, let due):
            note("clockOverdue", item, number("round", round), ("due", instant(due)))
        case .clockStopped(let item, let round, let at, let isMet):
            note("clockStopped", item, number("round", round), ("at", instant(at)), ("met", .bool(isMet)))
        case .clockCancelled(let item, let round): note("clockCancelled", item, number("round", round))
        case .rung(let item, let ladder, let rung, let skipped, let repetition):
            note(
                "rung", item, ("ladder", .string(ladder)), number("rung", rung), number("skipped", skipped),
                number("repetition", repetition))
        case .staleTimer(let item, let generation): note("staleTimer", item, ("generation", .int(generation)))
        default: .null
        }
    }

    private var childJSON: JSON {
        switch self {
        case .childOpened(let item, let instance):
            note("childOpened", item, ("instance", .string(instance.description)))
        case .childTold(let item, let fields): note("childTold", item, ("fields", list(fields)))
        case .childDropped(let item, let event): note("childDropped", item, ("event", optional(event)))
        case .childKept(let item, let event): note("childKept", item, ("event", optional(event)))
        case .childEnded(let item, let state): note("childEnded", item, ("state", .string(state)))
        default: .null
        }
    }
}

private func note(_ name: String, _ members: (String, JSON)...) -> JSON {
    .object(JSONObject([("note", .string(name))] + members))
}

private func note(_ name: String, _ item: ItemKey, _ members: (String, JSON)...) -> JSON {
    .object(JSONObject([("note", .string(name)), ("item", item.json)] + members))
}

private func list(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }

private func optional(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }

private func instant(_ instant: Instant?) -> JSON { instant.map { .string($0.description) } ?? .null }

private func number(_ name: String, _ value: Int) -> (String, JSON) { (name, .int(Int64(value))) }
