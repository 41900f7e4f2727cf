/// One period to one class of recipients, as law, contract or policy sets it: data, read from `workflows/regimes`.
public struct Rule: Hashable, Sendable {
    /// The identifier, `eu.gdpr.33-1`.
    public var id: String
    /// What it asks, in a few words.
    public var title: String
    /// The facts that it needs; the first is the one a bare computation starts from.
    public var facts: [Fact]
    /// What else it may be told.
    public var inputs: [Input] = []
    /// How long it is; nil where it is as agreed, and an input must say.
    public var length: Length?
    /// How it is computed.
    public var kind: RuleKind
    /// A second bound, counted from another fact: "and at most 24 hours after awareness".
    public var cap: Cap?
    /// Whether the day of the event is day 1; the rule is that it is not counted.
    public var countsEventDay = false
    /// Whether it runs from the end of the event's calendar year.
    public var runsFromYearEnd = false
    /// Whose working days and holidays count.
    public var calendar: CalendarChoice = .place
    /// The calendar with which a holiday must be shared to count, for `ccpa-business-days`.
    public var sharedCalendar: String?
    /// The IANA name of the only zone in which it is computed; nil means the zone of the place.
    public var zone: String?
    /// To whom the act is due.
    public var recipient: String
    /// Where it is written.
    public var source: Source
    /// The law by which it is counted, where that is not the kind's own.
    public var counting: String?
    /// When the source was last checked.
    public var verified: CivilDate
    /// Whether it applies, and how sure that is.
    public var status: RuleStatus
    /// The first day on whose facts this version applies; nil means always.
    public var effectiveFrom: CivilDate?
    /// The last day on whose facts this version applies; nil means until further notice.
    public var effectiveUntil: CivilDate?
    /// What may suspend or delay it; nothing else does.
    public var suspensions: [Suspension] = []
    /// When it applies, and what to know.
    public var notes: [String] = []
    /// A mark of the content: the first 16 digits of its SHA-256.
    public var version = ""

    /// A rule with what every rule has; the rest is set afterwards.
    public init(
        id: String, title: String, facts: [Fact], length: Length?, kind: RuleKind, recipient: String, source: Source,
        verified: CivilDate, status: RuleStatus
    ) {
        (self.id, self.title, self.facts, self.length, self.kind) = (id, title, facts, length, kind)
        (self.recipient, self.source, self.verified, self.status) = (recipient, source, verified, status)
    }

    /// A fact, recorded as an instant.
    public struct Fact: Hashable, Sendable {
        /// Its name, `aware`.
        public var name: String
        /// Which counts where there are several, such as the submissions of a report and its updates.
        public var several: Several

        /// Which of several instants counts.
        public enum Several: String, CaseIterable, Hashable, Sendable {
            /// The earliest.
            case first
            /// The latest.
            case last
        }

        /// A fact of that name.
        public init(_ name: String, several: Several = .first) { (self.name, self.several) = (name, several) }
    }

    /// How long a rule's period is.
    public enum Length: Hashable, Sendable {
        /// A period of ISO 8601.
        case period(Period)
        /// Business days of the law: Monday to Friday without holidays, unless the kind says otherwise.
        case businessDays(Int)
        /// An internal goal in working days or working time.
        case goal(Goal)
    }

    /// Something that changes the computation and is no instant.
    public struct Input: Hashable, Sendable {
        /// Its name, `smallAgent`.
        public var name: String
        /// What it means.
        public var title: String
        /// What it is where nobody says; nil means that it must be said.
        public var standard: InputValue?
        /// The length where the input is true.
        public var length: Length?

        /// An input of that name.
        public init(name: String, title: String, standard: InputValue? = nil, length: Length? = nil) {
            (self.name, self.title, self.standard, self.length) = (name, title, standard, length)
        }
    }

    /// A bound counted from another fact.
    public struct Cap: Hashable, Sendable {
        /// The fact from which it is counted.
        public var fact: String
        /// How long after it.
        public var period: Period

        /// A bound that long after a fact.
        public init(fact: String, period: Period) { (self.fact, self.period) = (fact, period) }
    }

    /// Whose holidays count.
    public enum CalendarChoice: Hashable, Sendable {
        /// Those of the place where the act is to be performed, which the computation must be told.
        case place
        /// Those of one calendar, unless another is given.
        case named(String)
    }

    /// Where a rule is written.
    public struct Source: Hashable, Sendable {
        /// Law and article.
        public var article: String
        /// Where to read it; nil for internal rules.
        public var link: String?

        /// A source.
        public init(article: String, link: String? = nil) { (self.article, self.link) = (article, link) }
    }

    /// Whether the law names a number that can be missed, or leaves the goal to us.
    public var isStatutory: Bool { kind != .goal }
}

/// How a period is computed.
public enum RuleKind: String, CaseIterable, Hashable, Sendable {
    /// Hours under Regulation 1182/71.
    case euHours = "eu-hours"
    /// Days or weeks under Regulation 1182/71.
    case euDays = "eu-days"
    /// Months or years under Regulation 1182/71.
    case euMonths = "eu-months"
    /// Elapsed hours.
    case hours
    /// Calendar days.
    case days
    /// Calendar months.
    case months
    /// Calendar days whose last day moves to a business day.
    case daysRoll = "days-roll"
    /// Business days.
    case businessDays = "business-days"
    /// Business days of the CCPA in its two readings.
    case ccpaBusinessDays = "ccpa-business-days"
    /// Calendar days of the CCPA in its two readings.
    case ccpaDays = "ccpa-days"
    /// Months that begin with an instant, as the United Kingdom's statutes have them.
    case ukMonths = "uk-months"
    /// Business days that end with the closing of filing at the SEC.
    case sec
    /// Periods of DORA's technical standard.
    case dora
    /// Internal or contractual, where the law names no number.
    case goal
}

/// Whether a rule applies, and how sure that is.
public enum RuleStatus: String, CaseIterable, Hashable, Sendable {
    /// In force and checked.
    case active
    /// In force; shown with the note "not re-checked".
    case unchecked = "active*"
    /// Visible and computed when asked; opens obligations only where a tenant switches it on.
    case draft
    /// Not yet, or no longer, in force.
    case inactive
}

/// What a rule is told besides its facts.
public enum InputValue: Hashable, Sendable, CustomStringConvertible {
    /// Yes or no.
    case boolean(Bool)
    /// A length of time.
    case period(Period)

    /// Reads `true`, `false` or a period of ISO 8601; throws `malformed`.
    public init(_ text: String) throws(DeadlineError) {
        switch text {
        case "true": self = .boolean(true)
        case "false": self = .boolean(false)
        default:
            guard text.contains("P") else {
                throw .malformed(kind: "an input", text: text, reason: "Write true, false or a period such as PT24H.")
            }
            self = .period(try Period(text))
        }
    }

    /// The value as it is written.
    public var description: String {
        switch self {
        case .boolean(let value): "\(value)"
        case .period(let period): "\(period)"
        }
    }
}

extension Rule.Length: CustomStringConvertible {
    /// The length in words, "72 hours", "4 business days".
    public var description: String {
        switch self {
        case .period(let period): period.words
        case .businessDays(let count): counted(count, "business day")
        case .goal(.workingDays(let count)): counted(count, "working day")
        case .goal(.workingTime(let time)): "\(Period(time).words) of working time"
        case .goal(.period(let period)): period.words
        }
    }
}
