/// The functions that read a part of a timestamp or a duration, named as in CEL.
enum TimeField: String, CaseIterable {
    case getFullYear, getMonth, getDate, getDayOfMonth, getDayOfWeek, getDayOfYear
    case getHours, getMinutes, getSeconds, getMilliseconds

    /// Whether durations have it too.
    var isOfDurations: Bool {
        switch self {
        case .getHours, .getMinutes, .getSeconds, .getMilliseconds: true
        default: false
        }
    }

    func read(_ value: Value) throws(EvaluationError) -> Value {
        switch value {
        case .timestamp(let instant): return .int(read(instant, offset: 0))
        case .duration(let span):
            switch self {
            case .getHours: return .int(span.seconds / 3600)
            case .getMinutes: return .int(span.seconds / 60)
            case .getSeconds: return .int(span.seconds)
            case .getMilliseconds: return .int(Int64(span.nanos) / 1_000_000)
            default: throw Builtin.noOverload(rawValue, value)
            }
        default: throw Builtin.noOverload(rawValue, value)
        }
    }

    func read(_ value: Value, in zone: Value, _ zones: any ZoneDatabase) throws(EvaluationError) -> Value {
        guard case .timestamp(let instant) = value, case .string(let name) = zone else {
            throw Builtin.noOverload(rawValue, value, zone)
        }
        guard let offset = FixedOffset.seconds(name) ?? zones.offset(of: name, at: instant.seconds) else {
            throw EvaluationError(
                .invalidArgument,
                "unknown time zone \"\(name)\"; expected a name such as \"Europe/Berlin\" or an offset such as \"+02:00\""
            )
        }
        return .int(read(instant, offset: Int64(offset)))
    }

    private func read(_ instant: Timestamp, offset: Int64) -> Int64 {
        let civil = Civil(secondsSinceEpoch: instant.seconds + offset)
        return switch self {
        case .getFullYear: civil.year
        case .getMonth: civil.month - 1
        case .getDate: civil.day
        case .getDayOfMonth: civil.day - 1
        case .getDayOfWeek: civil.dayOfWeek
        case .getDayOfYear: civil.dayOfYear
        case .getHours: civil.hour
        case .getMinutes: civil.minute
        case .getSeconds: civil.second
        case .getMilliseconds: Int64(instant.nanos) / 1_000_000
        }
    }
}

/// Offsets written as numbers.
enum FixedOffset {
    /// The seconds of `UTC`, `+02:00`, `-09:30` or `02:00`; nil for anything else.
    static func seconds(_ text: String) -> Int? {
        if text == "UTC" || text == "Z" { return 0 }
        var rest = Array(text.utf8)[...]
        let sign = rest.first == UInt8(ascii: "-") ? -1 : 1
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        let digits = Array(rest)
        guard digits.count == 5, digits[2] == UInt8(ascii: ":"), digits[0].isDigit, digits[1].isDigit,
            digits[3].isDigit, digits[4].isDigit
        else { return nil }
        let hours = Int(digits[0] - 48) * 10 + Int(digits[1] - 48)
        let minutes = Int(digits[3] - 48) * 10 + Int(digits[4] - 48)
        guard hours <= 24, minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
