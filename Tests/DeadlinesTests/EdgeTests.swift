import Deadlines
import Testing

/// Cases at the edges of years, months, days and clocks, worked out by hand from the law.
@Suite("Edges of the calendar")
struct EdgeTests {
    /// A case: rule, the first fact's instant, zone, calendar, then both figures.
    struct Case: Sendable, CustomStringConvertible {
        let rule, fact, zone, calendar, due, latest: String
        let what: String
        var description: String { "\(rule): \(what)" }
    }

    private static func edge(
        _ rule: String, _ fact: String, _ zone: String, _ calendar: String, _ due: String, _ latest: String,
        _ what: String
    ) -> Case {
        Case(rule: rule, fact: fact, zone: zone, calendar: calendar, due: due, latest: latest, what: what)
    }

    static let cases = [
        edge(
            "eu.gdpr.33-1", "2026-11-24T10:00:00+01:00", "Europe/Berlin", "de", "2026-11-27T10:00:00+01:00",
            "2026-11-27T11:00:00+01:00", "on the hour, the hour that begins is not counted"),
        edge(
            "eu.gdpr.33-1", "2026-10-25T02:30:00+02:00", "Europe/Berlin", "de", "2026-10-28T01:30:00+01:00",
            "2026-10-28T02:00:00+01:00", "in the first pass of the repeated hour"),
        edge(
            "eu.gdpr.33-1", "2026-10-25T02:30:00+01:00", "Europe/Berlin", "de", "2026-10-28T02:30:00+01:00",
            "2026-10-28T03:00:00+01:00", "in its second pass"),
        edge(
            "eu.gdpr.33-1", "2027-03-25T01:59:59+01:00", "Europe/Berlin", "de", "2027-03-28T01:59:59+01:00",
            "2027-03-28T03:00:00+02:00", "ends in the last second before the missing hour"),
        edge(
            "eu.gdpr.33-1", "2028-02-27T12:00:00+02:00", "Europe/Helsinki", "fi", "2028-03-01T12:00:00+02:00",
            "2028-03-01T13:00:00+02:00", "across 29 February"),
        edge(
            "eu.gdpr.12-3", "2028-01-29T09:00:00+01:00", "Europe/Berlin", "de", "2028-03-01T00:00:00+01:00",
            "2028-03-01T00:00:00+01:00", "29 January to 29 February"),
        edge(
            "eu.gdpr.12-3", "2027-01-29T09:00:00+01:00", "Europe/Berlin", "de", "2027-03-01T00:00:00+01:00",
            "2027-03-02T00:00:00+01:00", "29 January to 28 February, a Sunday"),
        edge(
            "eu.gdpr.12-3", "2026-11-25T23:59:59+01:00", "Europe/Warsaw", "pl", "2026-12-26T00:00:00+01:00",
            "2026-12-29T00:00:00+01:00", "Christmas Day, Boxing Day on Saturday, Sunday"),
        edge(
            "eu.gdpr.12-3", "2026-11-24T09:00:00+01:00", "Europe/Warsaw", "pl", "2026-12-25T00:00:00+01:00",
            "2026-12-29T00:00:00+01:00", "Christmas Eve is a holiday in Poland"),
        edge(
            "eu.gdpr.12-3", "2026-11-26T09:00:00+00:00", "Europe/Dublin", "ie", "2026-12-27T00:00:00+00:00",
            "2026-12-29T00:00:00+00:00", "28 December 2026 is a working day in Ireland"),
        edge(
            "eu.gdpr.12-3", "2027-02-26T09:00:00+01:00", "Europe/Berlin", "de", "2027-03-27T00:00:00+01:00",
            "2027-03-31T00:00:00+02:00", "Good Friday to Easter Monday, and the clocks go forward"),
        edge(
            "eu.gdpr.12-3", "2027-04-02T09:00:00+03:00", "Europe/Athens", "gr", "2027-05-03T00:00:00+03:00",
            "2027-05-06T00:00:00+03:00", "Orthodox Easter: 2 May, and Labour Day moved behind it"),
        edge(
            "eu.gdpr.12-3.extended", "2026-11-30T09:00:00+01:00", "Europe/Vienna", "at", "2027-03-01T00:00:00+01:00",
            "2027-03-02T00:00:00+01:00", "three months to the end of February"),
        edge(
            "eu.cra.14-4-c", "2026-12-31T09:00:00+01:00", "Europe/Brussels", "be", "2027-02-01T00:00:00+01:00",
            "2027-02-02T00:00:00+01:00", "31 December to 31 January, a Sunday"),
        edge(
            "eu.nis2.23-4-d", "2027-01-31T09:00:00+01:00", "Europe/Warsaw", "pl", "2027-03-01T00:00:00+01:00",
            "2027-03-01T00:00:00+01:00", "plain months do not move"),
        edge(
            "eu.dora.19-4-b", "2026-12-31T23:30:00+01:00", "Europe/Paris", "fr", "2027-01-03T23:30:00+01:00",
            "2027-01-04T12:00:00+01:00", "ends on a Sunday late in the evening"),
        edge(
            "eu.dora.19-4-c", "2027-02-28T15:00:00+01:00", "Europe/Berlin", "de", "2027-03-29T00:00:00+02:00",
            "2027-03-30T12:00:00+02:00", "Easter Sunday, noon after Easter Monday"),
        edge(
            "uk.gdpr.12a", "2027-01-31T10:00:00+00:00", "Europe/London", "gb-eng", "2027-03-01T00:00:00+00:00",
            "2027-03-02T00:00:00+00:00", "the month lacks the corresponding date"),
        edge(
            "uk.gdpr.12a", "2027-02-26T10:00:00+00:00", "Europe/London", "gb-sct", "2027-03-26T00:00:00+00:00",
            "2027-03-30T00:00:00+01:00", "Good Friday; Easter Monday is a working day in Scotland"),
        edge(
            "uk.gdpr.12a", "2027-02-26T10:00:00+00:00", "Europe/London", "gb-eng", "2027-03-26T00:00:00+00:00",
            "2027-03-31T00:00:00+01:00", "and a holiday in England"),
        edge(
            "us.ca.ccpa.confirm", "2026-06-25T12:00:00-07:00", "America/Los_Angeles", "us-ca",
            "2026-07-09T00:00:00-07:00", "2026-07-11T00:00:00-07:00", "4 July on a Saturday, its substitute on Friday"),
        edge(
            "us.ca.ccpa.respond", "2026-11-17T23:59:59-08:00", "America/Los_Angeles", "us-ca",
            "2027-01-01T00:00:00-08:00", "2027-01-05T00:00:00-08:00", "31 December, or New Year and a weekend after it"),
        edge(
            "us.sec.8-k.1-05", "2027-12-29T12:00:00-05:00", "America/New_York", "us", "2028-01-05T17:30:00-05:00",
            "2028-01-05T17:30:00-05:00", "New Year on a Saturday is kept on 31 December"),
        edge(
            "us.sec.8-k.1-05", "2027-03-14T03:30:00-04:00", "America/New_York", "us", "2027-03-18T17:30:00-04:00",
            "2027-03-18T17:30:00-04:00", "determined on the Sunday of the clock change: Monday is day 1"),
        edge(
            "us.sec.8-k.1-05", "2026-11-20T23:59:59-08:00", "America/New_York", "us", "2026-11-27T17:30:00-05:00",
            "2026-11-27T17:30:00-05:00", "Friday night in California is Saturday in New York"),
        edge(
            "us.hipaa.164-408-c", "2027-12-31T23:59:59-05:00", "America/New_York", "us", "2028-03-01T00:00:00-05:00",
            "2028-03-01T00:00:00-05:00", "the last second of a year"),
        edge(
            "us.hipaa.164-408-c", "2028-01-01T00:00:00-05:00", "America/New_York", "us", "2029-03-02T00:00:00-05:00",
            "2029-03-02T00:00:00-05:00", "the first of the next"),
        edge(
            "us.banking.36-hour", "2026-10-31T20:00:00-04:00", "America/New_York", "us", "2026-11-02T07:00:00-05:00",
            "2026-11-02T07:00:00-05:00", "the clocks go back inside"),
        edge(
            "us.tx.521-053.residents", "2026-10-27T10:00:00-05:00", "America/Chicago", "us-tx",
            "2026-12-27T00:00:00-06:00", "2026-12-29T00:00:00-06:00", "ends on the Saturday after Christmas"),
        edge(
            "br.lgpd.anpd-15-2024", "2027-03-24T10:00:00-03:00", "America/Sao_Paulo", "br", "2027-03-31T00:00:00-03:00",
            "2027-03-31T00:00:00-03:00", "Good Friday inside"),
        edge(
            "sg.pdpa.26d", "2026-12-30T10:00:00+08:00", "Asia/Singapore", "sg", "2027-01-03T00:00:00+08:00",
            "2027-01-03T00:00:00+08:00", "three calendar days across New Year"),
        edge(
            "in.cert-in", "2026-12-31T20:15:00+05:30", "Asia/Kolkata", "in", "2027-01-01T02:15:00+05:30",
            "2027-01-01T02:15:00+05:30", "six hours across New Year, half an hour off"),
        edge(
            "jp.appi.26.final", "2026-12-01T10:00:00+09:00", "Asia/Tokyo", "jp", "2026-12-31T00:00:00+09:00",
            "2026-12-31T00:00:00+09:00", "the day of knowledge is day 1"),
        edge(
            "kr.pipa.34", "2026-09-23T10:00:00+09:00", "Asia/Seoul", "kr", "2026-09-26T10:00:00+09:00",
            "2026-09-26T10:00:00+09:00", "Chuseok inside counts"),
        edge(
            "au.privacy.26wh", "2026-09-05T10:00:00+10:00", "Australia/Sydney", "au-nsw", "2026-10-06T00:00:00+11:00",
            "2026-10-06T00:00:00+11:00", "the clocks go forward the day before the last"),
    ]

    @Test("Figures at the edges", arguments: cases)
    func figures(example: Case) throws {
        let almanac = try shippedAlmanac()
        let rule = try almanac.rules.rule(example.rule)
        let fact = try #require(rule.facts.first)
        let deadline = try almanac.deadline(
            rule: example.rule, facts: [fact.name: [Instant(example.fact)]], zone: example.zone,
            calendar: example.calendar)
        let zone = deadline.request.zone
        #expect(deadline.due?.rfc3339(in: zone) == example.due)
        #expect(deadline.latest?.rfc3339(in: zone) == example.latest)
    }

    @Test("Working days are counted backwards as they are forwards, and nothing moves then")
    func backwards() throws {
        let germany = try shippedAlmanac().calendars.calendar("de")
        let day = try #require(CivilDate("2027-01-04"))
        let before = try germany.day(-3, from: day, as: .business)
        #expect(before == CivilDate("2026-12-29"))
        #expect(try germany.day(3, from: before, as: .business) == day)
        #expect(try germany.days(from: day, to: before, as: .business) == -3)
    }
}
