import Deadlines
import JSON
import Workflows
import YAML

extension Target {
    /// JSON: what is read is written and read again as the same.
    static let json = Target(
        name: "json",
        seeds: [
            #"{"a":[1,-2.5e10,true,null,"\u00e4\ud83d\ude00\n"],"b":{"c":{}}}"#, "[]",
            "0", "-0.0", "1e400",
            "\"\\u0000\"",
            "9223372036854775808", " [1 , 2 ]\n",
        ]
    ) { bytes in
        do throws(JSONError) {
            let value = try JSON(parsing: bytes)
            let compact = value.bytes(.compact)
            demand((try? JSON(parsing: compact)) == value, "JSON is read as it was written")
            let again = (try? JSON(parsing: compact))?.bytes(.compact)
            demand(again == compact, "writing is stable")
        } catch {
            demand(error.line >= 1 && error.column >= 1, "errors have a place")
        }
    }

    /// YAML: no text without a tree or a fault; every fault has its place.
    static let yaml = Target(name: "yaml", seeds: Seeds.documents) { bytes in
        let (root, faults) = YAML.read(bytes)
        demand(root != nil || !faults.isEmpty || bytes.isEmpty, "no tree without a fault")
        for fault in faults { demand(fault.line >= 1 && fault.column >= 1, "faults have places") }
    }

    /// A file of rules; each that is read has what every rule has.
    static let rules = Target(name: "rules", seeds: [Seeds.rule]) { bytes in
        guard let rules = try? RuleLibrary.rules(from: bytes, file: "fuzz.yaml") else { return }
        guard let noon = try? Instant("2028-02-29T12:00:00Z") else { return }
        for rule in rules {
            demand(!rule.id.isEmpty && !rule.facts.isEmpty && rule.version.count == 16, "rules are whole")
            let facts = Dictionary(rule.facts.map { ($0.name, [noon]) }) { $1 }
            let inputs: [String: InputValue] = ["goal": .period(.hours(1))]
            let request = DeadlineRequest(
                rule: rule, facts: facts, inputs: inputs, zone: .utc, calendar: Seeds.calendar,
                sharedCalendar: Seeds.calendar)
            guard let deadline = try? request.deadline() else { continue }
            demand(!deadline.trace.isEmpty, "deadlines have reasons")
            _ = DeadlineReport(deadline).drawing
        }
    }

    /// A tenant's calendar; working time taken back ends where it began.
    static let calendars = Target(name: "calendars", seeds: Seeds.calendars) { bytes in
        let library = CalendarLibrary([Seeds.calendar])
        guard let calendar = try? library.decode(bytes, file: "fuzz.json"),
            let noon = try? Instant("2026-11-24T12:00:00Z")
        else { return }
        guard let end = try? calendar.adding(workingTime: .seconds(36_000), to: noon, zone: .utc),
            let time = try? calendar.workingTime(from: noon, to: end, zone: .utc)
        else { return }
        demand(time == .seconds(36_000), "working time is as long as was asked")
    }

    /// A definition: decoded, or faulty with places.
    static let definitions = Target(name: "definitions", seeds: Seeds.documents) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let decoded = Definition.decode(text: text)
        demand(decoded.value != nil || !decoded.faults.isEmpty, "no definition without a fault")
        for fault in decoded.faults { demand(fault.line >= 1 && fault.column >= 1, "faults have places") }
    }

    /// A recurrence: its text is read as it is written, its occurrences ascend.
    static let recurrence = Target(name: "recurrence", seeds: Seeds.recurrences) { bytes in
        guard let text = String(validating: bytes, as: UTF8.self), let rule = try? RecurrenceRule(text) else { return }
        demand((try? RecurrenceRule(rule.description)) == rule, "\(rule) is read as it is written")
        guard let start = CivilDateTime("2026-01-31T09:30:00"),
            let recurrence = try? Recurrence(rule, start: start, zone: .utc)
        else { return }
        var last = Instant.earliest
        for instant in recurrence.occurrences().prefix(20) {
            demand(instant > last, "occurrences ascend")
            last = instant
        }
    }

    /// Instants, periods, dates, times and orders.
    static let times = Target(
        name: "times",
        seeds: [
            "2026-11-24T10:20:00.25+01:00", "P1Y2M3W4DT5H6M7.5S", "-P1DT1H", "2026-02-28", "17:30",
            "law-enforcement:oral=2026-12-01/2027-01-15", "true", "50%",
        ]
    ) { bytes in
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        if let instant = try? Instant(text) {
            demand((try? Instant(instant.description)) == instant, "instants are read as they are written")
        }
        if let period = try? Period(text) {
            demand((try? Period(period.description)) == period, "periods are read as they are written")
            _ = try? Zone.utc.adding(period, to: Instant("2026-11-24T10:20:00Z"))
        }
        if let date = CivilDate(text) {
            demand(CivilDate(date.description) == date, "dates are read as they are written")
        }
        _ = TimeOfDay(text)
        _ = CivilDateTime(text)
        _ = try? Order(text, zone: .utc)
        _ = try? InputValue(text)
        _ = try? RungMoment.share(text)
    }
}
