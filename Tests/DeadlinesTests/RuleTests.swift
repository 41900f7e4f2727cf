import Deadlines
import JSON
import Testing

@Suite("Rules")
struct RuleTests {
    let almanac: Almanac

    init() throws { almanac = try shippedAlmanac() }

    private func deadline(
        _ rule: String, _ facts: [String: String], inputs: [String: InputValue] = [:], orders: [String] = [],
        zone: String = "Europe/Berlin", calendar: String? = "de"
    ) throws -> Deadline {
        let place = try almanac.zones.zone(zone)
        return try almanac.deadline(
            rule: rule, facts: facts.mapValues { [try Instant($0)] }, inputs: inputs,
            orders: orders.map { try Order($0, zone: place) }, zone: zone, calendar: calendar)
    }

    private func due(_ deadline: Deadline) -> String? { deadline.due?.rfc3339(in: deadline.request.zone) }
    private func latest(_ deadline: Deadline) -> String? { deadline.latest?.rfc3339(in: deadline.request.zone) }

    @Test("Every shipped rule computes and gives its reasons")
    func all() throws {
        #expect(almanac.rules.all.count > 80)
        for rule in almanac.rules.all {
            let facts = Dictionary(uniqueKeysWithValues: rule.facts.map { ($0.name, "2026-11-24T10:20:00Z") })
            let inputs: [String: InputValue] = rule.id.hasPrefix("contract") ? ["contract": .period(.hours(24))] : [:]
            let named = if case .named = rule.calendar { true } else { false }
            let deadline = try deadline(rule.id, facts, inputs: inputs, calendar: named ? nil : "de")
            #expect(try #require(deadline.due) > Instant("2026-11-24T10:20:00Z"))
            #expect((deadline.latest == nil) == (rule.kind == .goal), "\(rule.id)")
            #expect(deadline.latest ?? .latest >= deadline.due ?? .latest)
            let report = DeadlineReport(deadline)
            #expect(report.json["trace"]?.arrayValue?.count == deadline.trace.count)
            #expect(report.table().contains(rule.source.article.prefix(8)))
            #expect(report.drawing.contains("S"))
        }
    }

    @Test("DORA's first stage waits for classification, with a watch at 24 hours")
    func waiting() throws {
        let waiting = try deadline("eu.dora.19-4-a", ["aware": "2026-06-01T08:00:00+02:00"])
        #expect(waiting.waitingFor == ["classified"])
        #expect(waiting.due == nil)
        #expect(try waiting.watch == Instant("2026-06-02T08:00:00+02:00"))
        #expect(DeadlineReport(waiting).json["due"] == .null)
        let capped = try deadline(
            "eu.dora.19-4-a", ["aware": "2026-06-01T08:00:00+02:00", "classified": "2026-06-02T06:00:00+02:00"])
        #expect(due(capped) == "2026-06-02T08:00:00+02:00")
        let late = try deadline(
            "eu.dora.19-4-a", ["aware": "2026-06-01T08:00:00+02:00", "classified": "2026-06-02T09:00:00+02:00"])
        #expect(due(late) == "2026-06-02T13:00:00+02:00")
    }

    @Test("Without facts and without a watch, people are told which facts to give")
    func missingFacts() throws {
        let waiting = try deadline("eu.dora.19-4-a", ["classified": "2026-06-01T08:00:00+02:00"])
        #expect(throws: DeadlineError.missingFacts(["aware"], rule: "eu.dora.19-4-a")) { try waiting.demandFigure() }
        #expect(DeadlineError.missingFacts(["aware"], rule: "x").description.contains("--fact aware=INSTANT"))
        try deadline("eu.dora.19-4-a", ["aware": "2026-06-01T08:00:00+02:00"]).demandFigure()
    }

    @Test("Steps say as data what was skipped, what was counted all the same, and what is disputed")
    func traceAsData() throws {
        let hours = try deadline("eu.gdpr.33-1", ["aware": "2026-12-24T16:05:00+01:00"]).trace
        let counted = hours.flatMap(\.counted).map(\.description)
        #expect(
            counted == ["2026-12-25 (Christmas Day)", "2026-12-26 (Second Day of Christmas)", "2026-12-27 (Sunday)"])
        #expect(hours.filter(\.isDisputed).map(\.step) == ["At least two working days"])
        let month = try deadline("eu.gdpr.12-3", ["received": "2026-11-25T10:00:00+01:00"])
        let moved = try #require(month.trace.first { !$0.skipped.isEmpty })
        #expect(moved.skipped.map(\.reason) == ["Christmas Day", "Second Day of Christmas", "Sunday"])
        let steps = DeadlineReport(month).json["trace"]?.arrayValue ?? []
        let step = try #require(steps.first { $0["skipped"] != nil })
        #expect(step["skipped"]?.arrayValue?.first == ["date": "2026-12-25", "reason": "Christmas Day"])
    }

    @Test("The drawing marks beginning, both ends, weekends and holidays")
    func drawing() throws {
        let month = try deadline("eu.gdpr.12-3", ["received": "2026-11-25T10:00:00+01:00"])
        let lines = DeadlineReport(month).drawing.split(separator: "\n").map(String.init)
        #expect(lines[0].hasPrefix("         We Th Fr Sa Su Mo"))
        // A line stays within its month.
        #expect(lines[1] == "2026-11  25 26 27 28 29 30")
        #expect(lines[2] == "          S  .  .  -  -  .")
        #expect(lines[7] == "2026-12  22 23 24 25 26 27 28")
        #expect(lines[8] == "          .  .  .  D  *  -  L")
        #expect(lines.contains("* 2026-12-25 Christmas Day"))
        let hours = try deadline(
            "in.cert-in", ["noticed": "2026-12-31T10:00:00+05:30"], zone: "Asia/Kolkata", calendar: "in")
        #expect(DeadlineReport(hours).drawing.contains("         SD\n"))
    }

    @Test("DORA's relief is closed to those who have none, but not for final reports")
    func relief() throws {
        let fact = ["submitted": "2026-12-23T15:00:00+01:00"]
        let none = try deadline("eu.dora.19-4-b", fact, inputs: ["weekendRelief": .boolean(false)], calendar: "fr")
        #expect(latest(none) == due(none))
        let final = try deadline(
            "eu.dora.19-4-c", ["submitted": "2026-11-25T15:00:00+01:00"], inputs: ["weekendRelief": .boolean(false)])
        #expect(due(final) == "2026-12-26T00:00:00+01:00")
        #expect(latest(final) == "2026-12-28T12:00:00+01:00")
    }

    @Test("Inputs change the length, goals take the shorter of tenant and contract")
    func inputs() throws {
        let small = try deadline(
            "br.lgpd.anpd-15-2024", ["aware": "2026-12-23T10:00:00-03:00"], inputs: ["smallAgent": .boolean(true)],
            zone: "America/Sao_Paulo", calendar: "br")
        #expect(due(small) == "2027-01-05T00:00:00-03:00")
        let goal = try deadline(
            "eu.gdpr.33-2", ["aware": "2026-11-24T10:00:00+01:00"],
            inputs: ["goal": .period(.hours(12)), "contract": .period(.hours(8))])
        #expect(due(goal) == "2026-11-24T18:00:00+01:00")
        #expect(throws: DeadlineError.missingInput("contract", rule: "contract")) {
            try deadline("contract", ["agreed": "2026-11-24T10:00:00+01:00"])
        }
    }

    @Test("Only the suspensions that a rule knows move it, each as it says")
    func orders() throws {
        let received = ["received": "2026-11-25T10:00:00Z"]
        let tolled = try deadline(
            "uk.gdpr.12a", received, orders: ["toll=2026-12-01T09:00:00Z/2026-12-05T09:00:00Z"],
            zone: "Europe/London", calendar: "gb-eng")
        #expect(due(tolled) == "2026-12-29T00:00:00+00:00")
        #expect(latest(tolled) == "2026-12-30T00:00:00+00:00")
        let discovered = ["discovered": "2026-11-04T12:00:00-05:00"]
        let delayed = try deadline(
            "us.hipaa.164-404", discovered,
            orders: ["law-enforcement=2026-12-01T00:00:00-05:00/2027-02-01T12:00:00-05:00"],
            zone: "America/New_York", calendar: nil)
        #expect(due(delayed) == "2027-02-01T12:00:00-05:00")
        let oral = try deadline(
            "us.hipaa.164-404", discovered,
            orders: ["law-enforcement:oral=2026-12-20T12:00:00-05:00/2027-02-20T12:00:00-05:00"],
            zone: "America/New_York", calendar: nil)
        #expect(due(oral) == "2027-01-19T12:00:00-05:00")
        let tooLate = try deadline(
            "us.hipaa.164-404", discovered,
            orders: ["law-enforcement=2027-02-01T00:00:00-05:00/2027-03-01T12:00:00-05:00"],
            zone: "America/New_York", calendar: nil)
        #expect(due(tooLate) == "2027-01-04T00:00:00-05:00")
        let open = try deadline(
            "us.hipaa.164-404", discovered, orders: ["law-enforcement=2026-12-01T00:00:00-05:00/"],
            zone: "America/New_York", calendar: nil)
        #expect(open.waitingFor == ["end of law-enforcement"])
        let disputed = try deadline(
            "eu.gdpr.12-3", received, orders: ["identity-check=2026-12-01T09:00:00Z/2026-12-05T09:00:00Z"])
        #expect(due(disputed) == "2026-12-26T00:00:00+01:00")
        #expect(latest(disputed) == "2026-12-30T00:00:00+01:00")
        let byEffect = try deadline(
            "eu.gdpr.12-3", received, orders: ["latest only=2026-12-01T09:00:00Z/2026-12-05T09:00:00Z"])
        #expect(latest(byEffect) == latest(disputed))
        #expect(throws: DeadlineError.self) {
            try deadline(
                "eu.gdpr.33-1", ["aware": "2026-11-24T10:20:00Z"],
                orders: ["toll=2026-11-25T09:00:00Z/2026-11-26T09:00:00Z"])
        }
    }

    @Test("An order without an end ends when the law says, and one that moves the second figure alone holds up nothing")
    func openOrders() throws {
        let oral = try deadline(
            "us.hipaa.164-404", ["discovered": "2026-11-04T12:00:00-05:00"],
            orders: ["law-enforcement:oral=2026-12-20T12:00:00-05:00/"], zone: "America/New_York", calendar: nil)
        #expect(due(oral) == "2027-01-19T12:00:00-05:00")
        let disputed = try deadline(
            "eu.gdpr.12-3", ["received": "2026-11-25T10:00:00Z"], orders: ["identity-check=2026-12-01T09:00:00Z/"])
        #expect(due(disputed) == "2026-12-26T00:00:00+01:00")
        #expect(latest(disputed) == "2026-12-29T00:00:00+01:00")
        #expect(disputed.trace.contains { $0.step.hasPrefix("identity-check since") && $0.isDisputed })
    }

    @Test(
        "Periods below zero are kept before they begin, and nothing moves them",
        arguments: [
            (
                "days", "period: -P14D", "2027-05-20T10:00:00+02:00", "2027-05-06T00:00:00+02:00",
                "2027-05-06T00:00:00+02:00"
            ),
            // 16 May is a Sunday: Art. 3(4) leaves out what is counted backwards.
            (
                "eu-days", "period: -P3D", "2027-05-20T10:00:00+02:00", "2027-05-17T00:00:00+02:00",
                "2027-05-17T00:00:00+02:00"
            ),
            (
                "eu-months", "period: -P1M", "2027-03-31T10:00:00+02:00", "2027-02-28T00:00:00+01:00",
                "2027-02-28T00:00:00+01:00"
            ),
            (
                "business-days", "businessDays: -3", "2027-03-30T10:00:00+02:00", "2027-03-23T00:00:00+01:00",
                "2027-03-23T00:00:00+01:00"
            ),
            (
                "hours", "period: -PT24H", "2027-03-28T10:20:00+02:00", "2027-03-27T09:20:00+01:00",
                "2027-03-27T09:20:00+01:00"
            ),
            (
                "eu-hours", "period: -PT24H", "2027-03-28T10:20:00+02:00", "2027-03-27T09:00:00+01:00",
                "2027-03-27T09:20:00+01:00"
            ),
        ])
    func backwards(kind: String, length: String, event: String, due: String, latest: String) throws {
        let file = """
            regime: own
            rules:
              - { rule: own.before, title: Before, facts: [meets], \(length), kind: \(kind), to: members, source: Statutes, verified: 2026-11-23, status: active }
            """
        let rules = try RuleLibrary.rules(from: Array(file.utf8), file: "own.yaml")
        var own = almanac
        own.rules = try almanac.rules.with(rules)
        let deadline = try own.deadline(
            rule: "own.before", facts: ["meets": [Instant(event)]], zone: "Europe/Berlin", calendar: "de")
        #expect(self.due(deadline) == due)
        #expect(self.latest(deadline) == latest)
        #expect(deadline.trace.contains { $0.result.contains("begin with") || $0.step.contains("backwards") })
        #expect(DeadlineReport(deadline).drawing.contains("D"))
        #expect(throws: DeadlineError.self) {
            let roll = file.replacing("kind: \(kind)", with: "kind: uk-months")
            _ = try RuleLibrary.rules(from: Array(roll.utf8), file: "own.yaml")
        }
    }

    @Test("The calendar that a rule names comes before that of whoever has to act")
    func namedCalendar() throws {
        func california(_ calendar: String?) throws -> Deadline {
            try almanac.deadline(
                rule: "us.ca.civ.1798-82.residents", facts: ["discovered": [Instant("2026-11-25T12:00:00-08:00")]],
                zone: "America/Los_Angeles", entityCalendar: calendar)
        }
        #expect(try california("ie").request.calendar?.id == "us-ca")
        #expect(try california("us-ca").request.calendar?.id == "us-ca")
        let brazil = try almanac.request(
            rule: "br.lgpd.anpd-15-2024", facts: ["aware": [Instant("2026-12-23T10:00:00-03:00")]],
            zone: "America/Sao_Paulo", entityCalendar: "ie")
        #expect(brazil.calendar?.id == "br")
    }

    @Test("The version in force at the fact's instant applies")
    func versions() throws {
        let before = try deadline("uk.pecr.5a", ["aware": "2025-08-19T10:00:00+01:00"], zone: "Europe/London")
        #expect(due(before) == "2025-08-20T10:00:00+01:00")
        let since = try deadline("uk.pecr.5a", ["aware": "2025-08-20T10:00:00+01:00"], zone: "Europe/London")
        #expect(due(since) == "2025-08-23T10:00:00+01:00")
        #expect(throws: DeadlineError.self) {
            try deadline("eu.cra.14-2-a", ["aware": "2026-09-10T10:00:00+02:00"])
        }
    }

    @Test("Of several submissions the rule says which counts")
    func several() throws {
        let instants = [try Instant("2026-11-03T10:00:00+01:00"), try Instant("2026-11-10T10:00:00+01:00")]
        func due(_ rule: String) throws -> String? {
            self.due(
                try almanac.deadline(
                    rule: rule, facts: ["submitted": instants], zone: "Europe/Berlin", calendar: "de"))
        }
        #expect(try due("eu.nis2.23-4-d") == "2026-12-04T00:00:00+01:00")
        #expect(try due("eu.dora.19-4-c") == "2026-12-11T00:00:00+01:00")
    }

    @Test("A calendar that is named comes before the rule's own, and that before the entity's")
    func calendars() throws {
        let facts = ["discovered": [try Instant("2026-11-25T12:00:00-08:00")]]
        func calendar(_ rule: String, _ named: String?) throws -> String? {
            try almanac.request(
                rule: rule, facts: facts, zone: "America/Los_Angeles", calendar: named, entityCalendar: "de"
            ).calendar?.id
        }
        #expect(try calendar("us.ca.civ.1798-82.residents", nil) == "us-ca")
        #expect(try calendar("us.ca.civ.1798-82.residents", "us") == "us")
        #expect(try calendar("ch.isa.74", nil) == "de")
    }

    @Test("A filing is on time, within the law, or late")
    func standing() throws {
        let deadline = try deadline("eu.gdpr.33-1", ["aware": "2026-11-24T10:20:00+01:00"])
        #expect(try deadline.standing(at: Instant("2026-11-27T10:19:59+01:00")) == .onTime)
        #expect(try deadline.standing(at: Instant("2026-11-27T10:20:00+01:00")) == .withinLaw)
        #expect(try deadline.standing(at: Instant("2026-11-27T11:00:00+01:00")) == .late)
    }

    @Test("A faulty rule file is refused with the place of every fault")
    func faults() throws {
        let text = """
            regime: x
            verified: 2026-11-23
            rules:
              - rule: x.1
                title: X
                facts: [aware]
                period: P72H
                kind: hour
                to: y
                source: z
                status: active
                notess: []
            """
        do throws(DeadlineError) {
            _ = try RuleLibrary.rules(from: Array(text.utf8), file: "x.yaml")
            Issue.record("nothing was found")
        } catch {
            guard case .faults(let faults) = error else { throw error }
            #expect(faults.map(\.line).sorted() == [7, 8, 12])
        }
        #expect(throws: DeadlineError.unknownRule("eu.gdpr.33-11", nearest: "eu.gdpr.33-1")) {
            try almanac.rules.rule("eu.gdpr.33-11")
        }
    }

    @Test("Rungs lie at a share of the span, before and after the due instant")
    func rungs() throws {
        let berlin = try almanac.zones.zone("Europe/Berlin")
        let (start, due) = (try Instant("2026-11-24T10:00:00Z"), try Instant("2026-11-27T10:00:00Z"))
        #expect(
            try RungMoment.share("50%").instant(start: start, due: due, zone: berlin) == Instant("2026-11-25T22:00:00Z")
        )
        #expect(
            try RungMoment.before(Period("P1D")).instant(start: start, due: due, zone: berlin)
                == Instant("2026-11-26T10:00:00Z"))
        #expect(try RungMoment.after(Period("PT0S")).instant(start: start, due: due, zone: berlin) == due)
        #expect(throws: DeadlineError.self) { try RungMoment.share("100%") }
    }
}
