import CEL
import Deadlines

/// A question to the world outside an instance.
///
/// The machine knows no directory, calendar or database. Where a step needs an answer that its context lacks, it
/// returns the questions; the caller answers them in the step's transaction and steps again. The answers
/// used are part of the journal, so that replay needs nothing else.
///
/// A question that cannot be answered, such as one for a calendar that does not exist, is answered by
/// ``failure(_:)``: the step then fails with that sentence.
public enum Read: Sendable, Hashable {
    /// Groups of a person: a list of strings.
    case groups(ofPerson: String)
    /// Members of a group: a list of persons.
    case members(ofGroup: String)
    /// Leads of the teams of a person: a list of persons.
    case leads(ofPerson: String)
    /// Line managers of a person: a list of persons.
    case managers(ofPerson: String)
    /// Who is on call on a schedule at the step's instant: a list of persons.
    case onCall(schedule: String)
    /// Whether something that a format refers to exists: a bool.
    case exists(Definition.Format, String)
    /// A due instant: the map that ``DeadlineAnswer`` reads.
    case deadline(DeadlineQuestion)
    /// Instances linked to this one, of a workflow: a list of maps with `id reference state final` and exports.
    case related(workflow: String)
    /// Running instances of a workflow that name one of these keys in a field: a list as for ``related(workflow:)``.
    case covering(workflow: String, field: String, keys: [String])
    /// Services of the catalogue in a tier or group: a list of maps with `id title tier rto owner`.
    case services(String)
    /// What the law asks in a case of which these fields are known: a map with `obligations findings coverage`, as
    /// ``Examination`` makes it.
    case obligations(of: CEL.Value)
    /// Names of the fields that a checklist demands: a list of strings.
    case checklist(String)
    /// How many days lie between two instants: an int.
    case days(DayCount)
    /// The tenant: a map with `id name zone calendar`.
    case tenant
}

extension Read {
    /// The answer to a question that cannot be answered, with a sentence for people.
    public static func failure(_ message: String) -> CEL.Value {
        .map(MapValue(fields: [("error", .string(message))]))
    }
}

/// What has to be known to compute a due instant that depends on a calendar, a zone or a rule.
public struct DeadlineQuestion: Sendable, Hashable {
    /// A goal or a rule.
    public enum Measure: Sendable, Hashable {
        /// An internal length of time from ``DeadlineQuestion/start``.
        case goal(Definition.Goal)
        /// A rule with its facts; a fact that is not known yet is absent.
        case rule(String, RuleTerms)
    }

    /// What a rule is told.
    public struct RuleTerms: Sendable, Hashable {
        /// The facts by name, each with its instants.
        public var facts: [String: [Instant]]
        /// The inputs by name, as they are written: `true`, `PT24H`.
        public var inputs: [String: String]
        /// The suspension and delay orders.
        public var orders: [Order]

        /// What a rule is told.
        public init(facts: [String: [Instant]], inputs: [String: String] = [:], orders: [Order] = []) {
            (self.facts, self.inputs, self.orders) = (facts, inputs, orders)
        }
    }

    /// Goal or rule.
    public var measure: Measure
    /// The instant that counts as the start.
    public var start: Instant
    /// Identifier of the calendar; nil means the tenant's, for statutory rules the entity's.
    public var calendar: String?
    /// IANA name of the zone; nil means the tenant's, for statutory rules the entity's.
    public var zone: String?
    /// Pauses of an internal goal in ascending order.
    public var pauses: [Pause]

    /// Creates a question.
    public init(
        measure: Measure, start: Instant, calendar: String? = nil, zone: String? = nil, pauses: [Pause] = []
    ) {
        self.measure = measure
        self.start = start
        self.calendar = calendar
        self.zone = zone
        self.pauses = pauses
    }
}

/// The answer to a ``DeadlineQuestion``.
public struct DeadlineAnswer: Sendable, Equatable {
    /// The instant that is enforced; nil while a fact is missing.
    public var due: Instant?
    /// What the statute would allow; nil where there is no second figure.
    public var latest: Instant?
    /// Calendar and version, zone, version of the tz data and of the rule, for the journal.
    public var versions: [String: String]

    /// Creates an answer.
    public init(due: Instant?, latest: Instant?, versions: [String: String]) {
        self.due = due
        self.latest = latest
        self.versions = versions
    }
}

/// What a step may know of the world outside the instance.
public struct Context: Sendable {
    /// Answers by question.
    public var answers: [Read: CEL.Value]

    /// Creates a context.
    public init(answers: [Read: CEL.Value] = [:]) {
        self.answers = answers
    }
}
