/// What can go wrong when a deadline is computed or its data is read; each message says what to do.
public enum DeadlineError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A text is not what it should be: `kind` names what was expected.
    case malformed(kind: String, text: String, reason: String)
    /// The time zone database has no such zone.
    case unknownZone(String, nearest: String?)
    /// The zone's file is damaged or of a kind that cannot be used.
    case unusableZone(String, reason: String)
    /// No calendar of that identifier is known.
    case unknownCalendar(String, nearest: String?)
    /// No rule of that identifier is known.
    case unknownRule(String, nearest: String?)
    /// The calendar has no holidays for the year that the computation reaches.
    case notCovered(calendar: String, year: Int, years: ClosedRange<Int>)
    /// The computation needs a calendar and none was given.
    case calendarNeeded(by: String)
    /// The rule knows no fact, input or order of that name.
    case unknownName(String, kind: String, rule: String, known: [String])
    /// The rule cannot be computed without that input.
    case missingInput(String, rule: String)
    /// The rule cannot be computed before those facts are known.
    case missingFacts([String], rule: String)
    /// No version of the rule was in force at the fact's instant.
    case notInForce(rule: String, on: CivilDate, reason: String)
    /// The result would lie outside the years 1 to 9999, or a number is too large.
    case outOfRange(String)
    /// A file or folder cannot be read.
    case unreadable(path: String, reason: String)
    /// Data files have faults.
    case faults([DataFault])

    /// One sentence that names the cause, and one that names the way out.
    public var description: String {
        switch self {
        case .malformed(let kind, let text, let reason):
            return "\"\(text.prefix(80))\" is not \(kind): \(reason)"
        case .unknownZone(let id, let nearest):
            return """
                There is no time zone "\(id)"\(Self.suggestion(nearest)) Use a name of the IANA database, such as \
                Europe/Berlin.
                """
        case .unusableZone(let id, let reason):
            return "The time zone \"\(id)\" cannot be used: \(reason). Install the package tzdata anew."
        case .unknownCalendar(let id, let nearest):
            return """
                There is no calendar "\(id)"\(Self.suggestion(nearest)) Calendars lie in workflows/calendars; add a \
                file there.
                """
        case .unknownRule(let id, let nearest):
            return "There is no rule \"\(id)\"\(Self.suggestion(nearest)) `reeve deadline --list` shows all rules."
        case .notCovered(let calendar, let year, let years):
            return """
                The calendar "\(calendar)" covers the years \(years.lowerBound) to \(years.upperBound), and the \
                computation reaches \(year). Extend the calendar's file by that year; holidays are never guessed.
                """
        case .calendarNeeded(let term):
            return "\(term) counts working days or moves a last day: name a calendar, for instance --calendar de."
        case .unknownName(let name, let kind, let rule, let known):
            let list = known.isEmpty ? "none" : known.joined(separator: ", ")
            return "The rule \(rule) knows no \(kind) \"\(name)\". It knows: \(list)."
        case .missingInput(let name, let rule):
            return "The rule \(rule) needs the input \"\(name)\": give --input \(name)=VALUE."
        case .missingFacts(let names, let rule):
            let flags = names.map { "--fact \($0)=INSTANT" }.joined(separator: " ")
            return "The rule \(rule) waits for \(names.joined(separator: " and ")): give \(flags)."
        case .notInForce(let rule, let date, let reason):
            return "The rule \(rule) was not in force on \(date): \(reason)."
        case .outOfRange(let what):
            return "\(what) lies outside the years 1 to 9999. Use a smaller number."
        case .unreadable(let path, let reason):
            return "\(path) cannot be read: \(reason)."
        case .faults(let faults):
            return faults.map(\.description).joined(separator: "\n")
        }
    }

    private static func suggestion(_ nearest: String?) -> String {
        nearest.map { "; did you mean \"\($0)\"?" } ?? "."
    }
}

/// A fault in a data file, with its place.
public struct DataFault: Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public var file: String
    /// The line, from 1.
    public var line: Int
    /// The column, from 1.
    public var column: Int
    /// What is wrong, and what was expected.
    public var message: String

    /// A fault at a place.
    public init(file: String, line: Int, column: Int, message: String) {
        (self.file, self.line, self.column, self.message) = (file, line, column, message)
    }

    /// The fault as `file:line:column: message`.
    public var description: String { "\(file):\(line):\(column): \(message)" }
}
