/// An instant as PostgreSQL keeps it: microseconds since 1970-01-01T00:00:00Z, or an infinity.
public struct PostgresTimestamp: PostgresCodable, Hashable, Comparable {
    /// Microseconds since the Unix epoch; the extremes of the type stand for the infinities.
    public var microsecondsSinceEpoch: Int64

    /// Creates an instant.
    public init(microsecondsSinceEpoch: Int64) { self.microsecondsSinceEpoch = microsecondsSinceEpoch }

    /// Later than all others.
    public static let infinity = PostgresTimestamp(microsecondsSinceEpoch: .max)
    /// Earlier than all others.
    public static let negativeInfinity = PostgresTimestamp(microsecondsSinceEpoch: .min)

    /// Orders by time.
    public static func < (left: PostgresTimestamp, right: PostgresTimestamp) -> Bool {
        left.microsecondsSinceEpoch < right.microsecondsSinceEpoch
    }

    /// From PostgreSQL's epoch, 2000-01-01, back to the Unix epoch, in microseconds.
    private static let epoch: Int64 = 946_684_800_000_000
    /// 4714-11-24 BC, the first instant that PostgreSQL knows, in its own epoch.
    private static let first: Int64 = -211_813_488_000_000_000
    /// 294277-01-01, the first instant that it does not know any more.
    private static let end: Int64 = 9_223_371_331_200_000_000

    /// `timestamptz`.
    public static var postgresType: PostgresType { .timestamptz }

    /// Writes microseconds since PostgreSQL's epoch.
    ///
    /// - Throws: `PostgresCodecFault` for instants before 4714 BC, which PostgreSQL does not know.
    public func encode(into writer: inout PostgresWriter) throws(PostgresCodecFault) {
        switch microsecondsSinceEpoch {
        case .max, .min: writer.write(microsecondsSinceEpoch)
        default:
            let (value, overflow) = microsecondsSinceEpoch.subtractingReportingOverflow(Self.epoch)
            guard !overflow, value >= Self.first, value < Self.end else {
                throw PostgresCodecFault("an instant out of PostgreSQL's range (4713 BC to AD 294276)")
            }
            writer.write(value)
        }
    }

    /// Reads a `timestamptz`; also a `timestamp`, taken to be in UTC.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> PostgresTimestamp {
        try value.require(.timestamptz, .timestamp)
        try value.require(size: 8)
        let raw = try value.integer(Int64.self)
        if raw == .max || raw == .min { return PostgresTimestamp(microsecondsSinceEpoch: raw) }
        let (sum, overflow) = raw.addingReportingOverflow(epoch)
        guard !overflow, sum != .max else {
            throw PostgresCodecFault("the instant is too late to count in microseconds since 1970")
        }
        return PostgresTimestamp(microsecondsSinceEpoch: sum)
    }
}

/// A day: days since 1970-01-01, or an infinity.
public struct PostgresDate: PostgresCodable, Hashable, Comparable {
    /// Days since the Unix epoch; the extremes of the type stand for the infinities.
    public var daysSinceEpoch: Int32

    /// Creates a day.
    public init(daysSinceEpoch: Int32) { self.daysSinceEpoch = daysSinceEpoch }

    /// Later than all others.
    public static let infinity = PostgresDate(daysSinceEpoch: .max)
    /// Earlier than all others.
    public static let negativeInfinity = PostgresDate(daysSinceEpoch: .min)

    /// Orders by time.
    public static func < (left: PostgresDate, right: PostgresDate) -> Bool {
        left.daysSinceEpoch < right.daysSinceEpoch
    }

    /// From PostgreSQL's epoch, 2000-01-01, back to the Unix epoch.
    private static let epoch: Int32 = 10957

    /// `date`.
    public static var postgresType: PostgresType { .date }

    /// Writes days since PostgreSQL's epoch.
    ///
    /// - Throws: `PostgresCodecFault` for days that PostgreSQL does not know.
    public func encode(into writer: inout PostgresWriter) throws(PostgresCodecFault) {
        switch daysSinceEpoch {
        case .max, .min: writer.write(daysSinceEpoch)
        default:
            let (value, overflow) = daysSinceEpoch.subtractingReportingOverflow(Self.epoch)
            // 4714-11-24 BC to 5874897-12-31.
            guard !overflow, (-2_451_545...2_145_031_948).contains(value) else {
                throw PostgresCodecFault("a day out of PostgreSQL's range (4713 BC to AD 5874897)")
            }
            writer.write(value)
        }
    }

    /// Reads a `date`.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> PostgresDate {
        try value.require(.date)
        try value.require(size: 4)
        let raw = try value.integer(Int32.self)
        if raw == .max || raw == .min { return PostgresDate(daysSinceEpoch: raw) }
        return PostgresDate(daysSinceEpoch: raw + epoch)
    }
}

/// A span of time as PostgreSQL keeps it: months, days and microseconds do not add up to each other.
public struct PostgresInterval: PostgresCodable, Hashable {
    /// Calendar months.
    public var months: Int32
    /// Calendar days.
    public var days: Int32
    /// Microseconds.
    public var microseconds: Int64

    /// Creates a span.
    public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
        self.months = months
        self.days = days
        self.microseconds = microseconds
    }

    /// `interval`.
    public static var postgresType: PostgresType { .interval }

    /// Writes microseconds, days and months.
    public func encode(into writer: inout PostgresWriter) {
        writer.write(microseconds)
        writer.write(days)
        writer.write(months)
    }

    /// Reads an `interval`.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> PostgresInterval {
        try value.require(.interval)
        try value.require(size: 16)
        return PostgresInterval(
            months: try value.integer(at: 12), days: try value.integer(at: 8), microseconds: try value.integer())
    }
}
