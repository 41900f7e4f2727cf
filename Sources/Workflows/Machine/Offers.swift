import CEL
import Deadlines

/// What somebody can do to an instance now: the forms of its events, its open tasks and approvals.
public struct Offers: Sendable {
    /// A field or role of a form.
    public struct Item: Sendable {
        /// Whether it has to be sent.
        public enum Demand: Sendable, Hashable {
            /// Always.
            case required
            /// Exactly when a condition on what is sent is true.
            case conditional(String)
            /// It may be sent.
            case optional
        }

        /// What it takes.
        public enum Kind: Sendable {
            /// The value of a field, as its schema says.
            case field(Definition.Schema)
            /// Holders of a role.
            case role(Definition.Role)
        }

        /// Its name.
        public let name: String
        /// Its title.
        public let title: String
        /// What it takes.
        public let kind: Kind
        /// Whether it has to be sent.
        public let demand: Demand
    }

    /// An event of the present state.
    public struct Event: Sendable {
        /// Its name.
        public let name: String
        /// Its title.
        public let title: String
        /// The states it may lead to; the present one where it stays.
        public let targets: [String]
        /// Its form.
        public let form: [Item]
        /// Why this actor cannot send it now, whatever the form says; nil where they can.
        public let refusal: Rejection?
    }

    /// An open task or approval.
    public struct Work: Sendable {
        /// Its name and element.
        public let key: ItemKey
        /// Its title.
        public let title: String
        /// The fields of a task's result; empty for an approval.
        public let form: [Item]
        /// When it is due; nil where it has no clock.
        public let due: Instant?
        /// Why this actor is not among those asked; nil where they are.
        public let refusal: Rejection?
    }

    /// Fields that this actor may correct.
    public internal(set) var corrections: [Item] = []
    /// Events of the present state in the order of the definition.
    public internal(set) var events: [Event] = []
    /// Open tasks.
    public internal(set) var tasks: [Work] = []
    /// Open approvals.
    public internal(set) var approvals: [Work] = []
}

extension Machine {
    /// What asking for offers leads to.
    public enum OfferOutcome: Sendable {
        /// The offers.
        case offers(Offers)
        /// These questions must be answered first.
        case needs([Read])
    }

    /// What an actor can do to an instance now, and why not what they cannot.
    ///
    /// Guards that read nothing of the form are judged; the others only once it is sent.
    public func offers(
        to actor: Actor, _ snapshot: Snapshot, context: Context = Context(), now: Instant
    ) -> OfferOutcome {
        let input = Input(actor: actor, act: .comment(""))
        var run = Run(tables: tables, snapshot: snapshot, input: input, context: context, now: now)
        run.begin(.comment, "offers")
        let offers = run.offers()
        return run.reads.needed.isEmpty ? .offers(offers) : .needs(run.reads.needed)
    }

    /// The form of the transition into the initial state, and whether an actor may open an instance.
    ///
    /// A role that the form itself gives away may still allow what is refused here.
    public func opening() -> Offers.Event {
        let event = definition.open
        return Offers.Event(
            name: "open", title: event.title ?? definition.title, targets: [definition.initial],
            form: tables.form(of: event), refusal: nil)
    }
}

extension Tables {
    func form(of event: Definition.Event) -> [Offers.Item] {
        event.form.compactMap { item in
            self.item(item.name, item.when.map { .conditional($0.source) } ?? .required)
        } + event.optional.compactMap { item($0, .optional) }
    }

    func item(_ name: String, _ demand: Offers.Item.Demand) -> Offers.Item? {
        if let field = fields[name]?.field {
            return Offers.Item(
                name: name, title: field.schema.title ?? name.asTitle, kind: .field(field.schema), demand: demand)
        }
        return roles[name].map {
            Offers.Item(name: name, title: $0.role.title, kind: .role($0.role), demand: demand)
        }
    }
}

extension Run {
    mutating func offers() -> Offers {
        var offers = Offers()
        if !hasEnded, let state {
            for name in state.eventNames {
                if let table = state.events[name] { offers.events.append(offer(table.event)) }
            }
            for (key, record) in next.tasks where record.status == .open {
                guard let task = state.task(key.name) else { continue }
                let refusal = refusal { (run) throws(Halt) in
                    _ = try run.demandAsked(key, who: record.who, assignee: record.assignee, from: task.from)
                }
                let form = task.result.map { field in
                    Offers.Item(
                        name: field.name, title: field.schema.title ?? field.name.asTitle, kind: .field(field.schema),
                        demand: field.isRequired ? .required : .optional)
                }
                offers.tasks.append(
                    Offers.Work(
                        key: key, title: record.title, form: form, due: next.clocks[key.taskClock]?.open?.due,
                        refusal: refusal))
            }
            for (key, record) in next.approvals where record.status == .open {
                guard let approval = state.approval(key.name) else { continue }
                let refusal = refusal { (run) throws(Halt) in try run.demandVoter(key, record, approval) }
                offers.approvals.append(
                    Offers.Work(
                        key: key, title: record.title, form: [], due: next.clocks[key.approvalClock]?.open?.due,
                        refusal: refusal))
            }
        }
        offers.corrections = definition.corrections.compactMap { correction in
            guard !next.followed.contains(correction.field) else { return nil }
            let refusal = refusal { (run) throws(Halt) in try run.authorise(correction.allow) }
            return refusal == nil ? tables.item(correction.field, .optional) : nil
        }
        return offers
    }

    private mutating func offer(_ event: Definition.Event) -> Offers.Event {
        let sent = Inputs.fields(event.form.map(\.name) + event.optional)
        let roles: Inputs = (event.form.map(\.name) + event.optional).contains { tables.roles[$0] != nil } ? .roles : []
        let refusal = refusal { (run) throws(Halt) in
            if run.next.status == .suspended { throw run.reject(.suspended) }
            run.event = event.name
            try run.authorise(event.allow)
            if let name = event.takes, let role = run.tables.roles[name] { try run.take(role) }
            try run.demandGuards(event.guards.filter { $0.when.inputs.isDisjoint(with: sent.union(roles)) })
        }
        return Offers.Event(
            name: event.name, title: event.title ?? event.name.asTitle,
            targets: event.targets.map { $0 ?? next.state }.uniqued(), form: tables.form(of: event), refusal: refusal)
    }

    /// Why something is refused; tried on a copy, of which only what it read is kept.
    private mutating func refusal(_ attempt: (inout Run) throws(Halt) -> Void) -> Rejection? {
        var copy = copy()
        defer { reads = copy.reads }
        do throws(Halt) {
            try attempt(&copy)
            return nil
        } catch {
            if case .rejected(let rejection) = error { return rejection }
            return nil
        }
    }
}
