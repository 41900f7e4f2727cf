import JSON

/// A deadline as people and programs are shown it.
public struct DeadlineReport: Sendable {
    /// The deadline.
    public let deadline: Deadline

    /// A report of a deadline.
    public init(_ deadline: Deadline) { self.deadline = deadline }

    private var zone: Zone { deadline.request.zone }

    /// The instant from which the period runs; nil while it is not known.
    public var trigger: Instant? {
        deadline.request.rule.facts.first.flatMap { deadline.request.instant(of: $0) }
    }

    /// `rule trigger due latest trace` and what was read, instants in RFC 3339 with the zone's offset.
    ///
    /// Steps have `step source result`, and where there is something to tell `skipped`, `counted` (lists of `date` and
    /// `reason`) and `disputed`.
    public var json: JSON {
        func text(_ instant: Instant?) -> JSON { instant.map { .string($0.rfc3339(in: zone)) } ?? .null }
        let rule = deadline.request.rule
        let steps = deadline.trace.map(\.json)
        let versions = deadline.versions.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
        var members: [(String, JSON)] = [
            ("rule", .string(rule.id)), ("status", .string(rule.status.rawValue)), ("trigger", text(trigger)),
            ("due", text(deadline.due)), ("latest", text(deadline.latest)), ("zone", .string(zone.id)),
            ("calendar", deadline.request.calendar.map { .string($0.id) } ?? .null),
            ("versions", .object(JSONObject(versions))),
        ]
        if deadline.due == nil {
            members.append(("waitingFor", .array(deadline.waitingFor.map { .string($0) })))
            members.append(("watch", text(deadline.watch)))
        }
        members.append(("trace", .array(steps)))
        return .object(JSONObject(members))
    }

    /// The steps as a table of two columns, folded to a width, with the source beneath each step.
    public func table(width: Int = 100) -> String {
        let left = 34
        var lines: [String] = []
        for step in deadline.trace {
            let names = folded(step.step, to: left - 2) + folded(step.source, to: left - 4).map { "  " + $0 }
            let results = folded(step.result, to: max(20, width - left))
            for index in 0..<max(names.count, results.count) {
                let name = index < names.count ? names[index] : ""
                let result = index < results.count ? results[index] : ""
                let gap = String(repeating: " ", count: max(1, left - name.count))
                lines.append(result.isEmpty ? name : name + gap + result)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The period as lines of days, each within one month: weekends and holidays marked, beginning and both ends named.
    ///
    /// Periods of more than 400 days are drawn up to there.
    public var drawing: String {
        guard let trigger, let due = deadline.due else { return "" }
        let start = zone.date(trigger)
        // An end at midnight belongs to the day that it ends.
        let dueDay = zone.date(due.advanced(by: -1))
        let latestDay = deadline.latest.map { zone.date($0.advanced(by: -1)) } ?? dueDay
        // Counted backwards, it lies before its event.
        let first = min(start, dueDay)
        let last = min(max(start, dueDay, latestDay), first.adding(days: 400))
        func isLatest(_ day: CivilDate) -> Bool { day == latestDay && day != dueDay }
        var (lines, names): ([String], [String]) = ([], [])
        var day = first
        while day <= last {
            let end = min(last, day.adding(days: 20), day.endOfMonth)
            var (numbers, weekdays, marks) = ("", "", "")
            while day <= end {
                let holiday = try? deadline.request.calendar?.holiday(on: day)
                let isFree = holiday.map { $0.workUntil == nil } ?? false
                if let holiday, isFree { names.append("\(day) \(holiday.name)") }
                let ends = (day == start ? "S" : "") + (day == dueDay ? "D" : "") + (isLatest(day) ? "L" : "")
                let mark = ends.isEmpty ? isFree ? "*" : day.weekday.isWeekend ? "-" : "." : ends
                numbers += " " + padded(day.day)
                weekdays += " " + day.weekday.name.prefix(2)
                marks += String(repeating: " ", count: 3 - mark.count) + mark
                day = day.adding(days: 1)
            }
            lines += [
                "        " + weekdays, padded(end.year, 4) + "-" + padded(end.month) + " " + numbers,
                "        " + marks,
            ]
        }
        lines.append("S start, D due, L latest as the law allows, - weekend, * holiday")
        return (lines + names.map { "* " + $0 }).joined(separator: "\n") + "\n"
    }
}

extension TraceStep {
    fileprivate var json: JSON {
        func list(_ days: [FreeDay]) -> JSON {
            .array(days.map { ["date": .string("\($0.date)"), "reason": .string($0.reason)] })
        }
        var object = JSONObject([("step", .string(step)), ("source", .string(source)), ("result", .string(result))])
        if !skipped.isEmpty { object["skipped"] = list(skipped) }
        if !counted.isEmpty { object["counted"] = list(counted) }
        if isDisputed { object["disputed"] = true }
        return .object(object)
    }
}

extension RuleLibrary {
    /// All rules as a table: identifier, status, length, facts, recipient.
    public var table: String {
        let rows = all.map { (rule: Rule) -> [String] in
            [
                rule.id, rule.status.rawValue, rule.periodWords,
                rule.facts.map(\.name).joined(separator: ", "), rule.recipient,
            ]
        }
        return columns([["RULE", "STATUS", "PERIOD", "FACTS", "TO"]] + rows)
    }

    /// All rules as JSON, in their present versions, each with all that its file says.
    public var json: JSON {
        .array(all.map(\.json))
    }
}

extension CivilDate {
    fileprivate var endOfMonth: CivilDate { adding(days: Self.days(inMonth: month, of: year) - day) }
}

extension Rule {
    /// How long it is, and whether that is our goal or the law's number.
    fileprivate var periodWords: String {
        guard let length else { return "as agreed" }
        return isStatutory ? "\(length)" : "goal \(length)"
    }

    fileprivate var json: JSON {
        func list(_ names: [String]) -> JSON { .array(names.map { JSON.string($0) }) }
        func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
        var object = JSONObject()
        object["id"] = .string(id)
        object["title"] = .string(title)
        object["status"] = .string(status.rawValue)
        object["kind"] = .string(kind.rawValue)
        object["period"] = text(length.map { "\($0)" })
        object["facts"] = list(facts.map(\.name))
        object["inputs"] = list(inputs.map(\.name))
        object["suspensions"] = list(suspensions.map(\.name))
        object["calendar"] = if case .named(let calendar) = calendar { .string(calendar) } else { "place" }
        object["to"] = .string(recipient)
        object["source"] = .string(source.article)
        object["link"] = text(source.link)
        object["verified"] = .string("\(verified)")
        object["effectiveFrom"] = text(effectiveFrom.map { "\($0)" })
        object["effectiveUntil"] = text(effectiveUntil.map { "\($0)" })
        object["notes"] = list(notes)
        object["version"] = .string(version)
        return .object(object)
    }
}

extension Rule {
    /// Throws `unknownName` for a fact or input that the rule does not know: for people, who mistype.
    public func demandKnown(facts: [String], inputs: [String]) throws(DeadlineError) {
        for name in facts where !self.facts.contains(where: { $0.name == name }) {
            throw .unknownName(name, kind: "fact", rule: id, known: self.facts.map(\.name))
        }
        let known = self.inputs.map(\.name) + (kind == .goal ? ["goal", "contract"] : [])
        for name in inputs where !known.contains(name) {
            throw .unknownName(name, kind: "input", rule: id, known: known)
        }
    }
}

/// A text in lines of at most that many characters, broken at spaces.
private func folded(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
        if !line.isEmpty, line.count + 1 + word.count > width {
            lines.append(line)
            line = ""
        }
        line += (line.isEmpty ? "" : " ") + word
    }
    return lines + [line]
}

/// Rows of cells as lines, every column but the last as wide as its widest cell.
private func columns(_ rows: [[String]]) -> String {
    var widths: [Int] = []
    for row in rows {
        for (index, cell) in row.enumerated() {
            if index == widths.count { widths.append(0) }
            widths[index] = max(widths[index], cell.count)
        }
    }
    var text = ""
    for row in rows {
        for (index, cell) in row.enumerated() {
            let gap = index + 1 == row.count ? 0 : widths[index] - cell.count + 2
            text += cell + String(repeating: " ", count: gap)
        }
        text += "\n"
    }
    return text
}
