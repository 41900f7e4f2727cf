/// One run of a rule over its facts.
///
/// The kinds are in extensions, a file for each body of law.
struct Computation {
    let request: DeadlineRequest
    let zone: Zone
    let trace: Trace?

    var rule: Rule { request.rule }

    init(_ request: DeadlineRequest, trace: Trace?) {
        (self.request, self.zone, self.trace) = (request, request.zone, trace)
    }

    /// The two figures.
    struct Figures {
        var due: Instant
        var latest: Instant?

        init(_ due: Instant, latest: Instant?) { (self.due, self.latest) = (due, latest) }
    }

    /// What suspensions add to a period.
    struct Shift {
        var days = 0
        var microseconds: Int64 = 0
    }

    /// What suspensions add to each of the figures.
    struct Shifts {
        var due = Shift()
        var latest = Shift()
    }

    func state() throws(DeadlineError) -> Deadline.State {
        noteRule()
        let missing = rule.facts.filter { request.instant(of: $0) == nil }.map(\.name)
        guard missing.isEmpty, let first = rule.facts.first, let event = request.instant(of: first) else {
            return try waiting(for: missing)
        }
        for fact in rule.facts {
            guard let instant = request.instant(of: fact) else { continue }
            trace?.note(
                "Fact: \(fact.name)", source: rule.source.article,
                result: instant.wordsOfBeginning(in: zone))
        }
        let figures: Figures
        if request.orders.isEmpty {
            figures = try self.figures(from: event, shifts: Shifts())
        } else {
            let orders = try resolvedOrders()
            if let open = orders.first(where: { $0.isOpen && $0.suspension.effect != .latestOnly }) {
                return try waiting(forEndOf: open, among: orders)
            }
            noteOpen(orders)
            figures = try self.figures(from: event, under: orders.filter { !$0.isOpen })
        }
        noteResult(figures)
        return .due(figures.due, latest: figures.latest)
    }

    /// The figures by the rule's kind.
    func figures(from event: Instant, shifts: Shifts) throws(DeadlineError) -> Figures {
        if rule.kind == .goal { return Figures(try goal(from: event), latest: nil) }
        let length = try self.length()
        if let figures = try backwards(length, from: event) { return figures }
        switch (rule.kind, length) {
        case (.euHours, .period(let period)):
            return try euHours(period, from: event, shifts)
        case (.euDays, .period(let period)), (.euMonths, .period(let period)):
            return try euDays(period, from: event, shifts)
        case (.hours, .period(let period)):
            return try hours(period, from: event, shifts)
        case (.days, .period(let period)), (.months, .period(let period)):
            return try days(period, from: event, shifts)
        case (.daysRoll, .period(let period)):
            return try daysRoll(period, from: event, shifts)
        case (.businessDays, .businessDays(let count)):
            return try businessDays(count, from: event, shifts)
        case (.ccpaBusinessDays, .businessDays(let count)):
            return try ccpaBusinessDays(count, from: event, shifts)
        case (.ccpaDays, .period(let period)):
            return try ccpaDays(period, from: event, shifts)
        case (.ukMonths, .period(let period)):
            return try ukMonths(period, from: event, shifts)
        case (.sec, .businessDays(let count)):
            return try sec(count, from: event, shifts)
        case (.dora, .period(let period)):
            return try dora(period, from: event, shifts)
        default:
            throw .malformed(
                kind: "a length for \(rule.kind.rawValue)", text: "\(length)",
                reason: "The rule \(rule.id) needs \(rule.kind.lengthWords).")
        }
    }

    /// The rule's length, or the one that an input puts in its place.
    private func length() throws(DeadlineError) -> Rule.Length {
        for input in rule.inputs {
            let value = request.inputs[input.name] ?? input.standard
            guard let value else { throw .missingInput(input.name, rule: rule.id) }
            guard let length = input.length, value == .boolean(true) else { continue }
            trace?.note(
                "Input: \(input.name)", source: rule.source.article, result: "\(input.title): the period is \(length)")
            return length
        }
        guard let length = rule.length else { throw .missingInput("period", rule: rule.id) }
        return length
    }

    /// The calendar that the rule counts on.
    func calendar() throws(DeadlineError) -> WorkCalendar {
        guard let calendar = request.calendar else { throw .calendarNeeded(by: "The rule \(rule.id)") }
        return calendar
    }

    /// Whether an input is true.
    func isTrue(_ input: String) -> Bool {
        let value = request.inputs[input] ?? rule.inputs.first { $0.name == input }?.standard
        return value == .boolean(true)
    }

    /// The law by which the period is counted.
    var counting: String { rule.counting ?? rule.source.article }

    private func waiting(for missing: [String]) throws(DeadlineError) -> Deadline.State {
        trace?.note(
            "Facts not known yet", source: rule.source.article,
            result: "Waiting for \(missing.joined(separator: " and ")); no period runs before that.")
        guard let cap = rule.cap, let start = instant(of: cap.fact) else {
            return .waiting(for: missing, watch: nil)
        }
        let watch = try zone.adding(cap.period, to: start)
        trace?.note(
            "Watch, \(cap.period.words) after \(cap.fact)", source: counting,
            result: "\(watch.words(in: zone)). Its passing is no breach; the facts should be known by then.")
        return .waiting(for: missing, watch: watch)
    }

    func instant(of name: String) -> Instant? {
        rule.facts.first { $0.name == name }.flatMap { request.instant(of: $0) }
    }

    private func noteRule() {
        guard let trace else { return }
        var remarks = ["\(rule.title), to \(rule.recipient)."]
        switch rule.status {
        case .active: break
        case .unchecked: remarks.append("Not re-checked.")
        case .draft: remarks.append("A draft: it computes when asked and opens nothing by itself.")
        case .inactive: remarks.append("Not in force.")
        }
        remarks.append("Last verified on \(rule.verified).")
        trace.note("Rule \(rule.id)", source: rule.source.article, result: remarks.joined(separator: " "))
    }

    private func noteResult(_ figures: Figures) {
        guard let trace else { return }
        trace.note("Due", source: counting, result: "Before \(figures.due.words(in: zone)).")
        if let latest = figures.latest {
            let words = latest == figures.due ? "The same." : "Before \(latest.words(in: zone))."
            trace.note("Latest, as the law allows", source: counting, result: words)
        } else if rule.source.link != nil {
            trace.note("Latest", source: rule.source.article, result: "None: the law names no number.")
        }
    }
}

extension RuleKind {
    /// What its length must be.
    var lengthWords: String {
        switch self {
        case .euHours, .hours: "a period in hours, such as PT72H"
        case .euDays, .days, .daysRoll, .ccpaDays: "a period in days or weeks, such as P30D"
        case .euMonths, .months, .ukMonths: "a period in months or years, such as P1M"
        case .businessDays, .ccpaBusinessDays, .sec: "a number of business days"
        case .dora: "a period in hours, days or months"
        case .goal: "a period, working days or working hours"
        }
    }

    /// Whether a length is of the form that the kind computes.
    func accepts(_ length: Rule.Length) -> Bool {
        switch (self, length) {
        case (.euHours, .period(let period)), (.hours, .period(let period)):
            period.isElapsed && period.microseconds != 0
        case (.euDays, .period(let period)), (.days, .period(let period)):
            period.totalMonths == 0 && period.microseconds == 0 && period.totalDays != 0
        case (.daysRoll, .period(let period)), (.ccpaDays, .period(let period)):
            period.totalMonths == 0 && period.microseconds == 0 && period.totalDays > 0
        case (.euMonths, .period(let period)), (.months, .period(let period)):
            period.totalDays == 0 && period.microseconds == 0 && period.totalMonths != 0
        case (.ukMonths, .period(let period)):
            period.totalDays == 0 && period.microseconds == 0 && period.totalMonths > 0
        case (.dora, .period(let period)):
            !period.isZero && (period.isElapsed || period.microseconds == 0)
                && min(period.totalMonths, period.totalDays, Int(period.microseconds.signum())) >= 0
        case (.businessDays, .businessDays(let count)): count != 0
        case (.ccpaBusinessDays, .businessDays(let count)),
            (.sec, .businessDays(let count)):
            count > 0
        case (.goal, .period), (.goal, .goal): true
        default: false
        }
    }

    /// Whether computing it takes a calendar of holidays.
    public var needsCalendar: Bool {
        switch self {
        case .euHours, .hours, .days, .months, .goal: false
        default: true
        }
    }
}
