import CEL
import Deadlines

// Texts and what their formats say about them.
extension Admission {
    mutating func text(_ value: CEL.Value, _ schema: Definition.Schema, _ path: SchemaPath) -> CEL.Value? {
        switch schema.format {
        case .dateTime?: return instant(value, path)
        case .duration?: return duration(value, path)
        default: break
        }
        guard case .string(let text) = value else {
            problem(path, "must be a text, not \(value.type.name)")
            return nil
        }
        judgeLength(of: text, schema, path)
        if let pattern = schema.pattern, (try? Regex(pattern))?.matches(text) != true {
            problem(path, "must match \(pattern)")
        }
        if let format = schema.format { judge(text, format, path) }
        return value
    }

    private mutating func problem(_ path: SchemaPath, _ message: String) {
        problems.append(Rejection.Problem(path: path.description, message: message))
    }

    private mutating func judgeLength(of text: String, _ schema: Definition.Schema, _ path: SchemaPath) {
        // A character takes one to four bytes, by which most texts are known to fit.
        let bytes = text.utf8.count
        guard bytes / 4 < schema.minLength ?? 0 || bytes > schema.maxLength ?? .max else { return }
        let length = text.unicodeScalars.count
        if let least = schema.minLength, length < least {
            problem(path, "needs at least \(least) characters, and has \(length)")
        }
        if let most = schema.maxLength, length > most {
            problem(path, "may have at most \(most) characters, and has \(length)")
        }
    }

    private mutating func instant(_ value: CEL.Value, _ path: SchemaPath) -> CEL.Value? {
        switch value {
        case .timestamp: return value
        case .string(let text):
            if let timestamp = Timestamp(rfc3339: text) { return .timestamp(timestamp) }
            problem(path, "must be an instant such as 2026-03-27T21:00:00+01:00, and \"\(text.prefix(40))\" is none")
            return nil
        default:
            problem(path, "must be an instant, not \(value.type.name)")
            return nil
        }
    }

    private mutating func duration(_ value: CEL.Value, _ path: SchemaPath) -> CEL.Value? {
        switch value {
        case .duration: return value
        case .string(let text):
            if let span = Span(iso8601: text) ?? Span(parsing: text) { return .duration(span) }
            problem(path, "must be an ISO 8601 duration such as PT4H or P2D, and \"\(text.prefix(40))\" is none")
            return nil
        default:
            problem(path, "must be a duration, not \(value.type.name)")
            return nil
        }
    }

    private mutating func judge(_ text: String, _ format: Definition.Format, _ path: SchemaPath) {
        switch format {
        case .dateTime, .duration: break
        case .date:
            if text.utf8.count != 10 || Timestamp(rfc3339: "\(text)T00:00:00Z") == nil {
                problem(path, "must be a date such as 2026-03-27")
            }
        case .uri:
            guard let colon = text.firstIndex(of: ":"), colon > text.startIndex,
                text[..<colon].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }),
                !text.contains(where: \.isWhitespace), text[colon...].count > 1
            else { return problem(path, "must be an absolute URI such as https://example.org/page") }
        case .email:
            let parts = text.split(separator: "@", omittingEmptySubsequences: false)
            if parts.count != 2 || parts.contains(where: \.isEmpty) || text.contains(where: \.isWhitespace) {
                problem(path, "must be an address such as ana@example.org")
            }
        case .person, .group, .service, .item, .vendor, .evidence, .instance, .rule, .regime, .checklist:
            if text.isEmpty {
                problem(path, "must name a \(format.rawValue)")
            } else {
                references.append(Reference(format: format, id: text, path: path))
            }
        }
    }
}

extension Span {
    /// Reads an ISO 8601 duration whose days have 24 hours; nil for months and years, which have no length.
    init?(iso8601 text: String) {
        guard let period = try? Period(text), period.totalMonths == 0 else { return nil }
        let (days, tooMany) = Int64(period.totalDays).multipliedReportingOverflow(by: 86_400_000_000)
        let (micros, tooLong) = days.addingReportingOverflow(period.microseconds)
        let (nanos, tooFine) = micros.multipliedReportingOverflow(by: 1000)
        guard !tooMany, !tooLong, !tooFine else { return nil }
        self.init(nanoseconds: nanos)
    }
}
