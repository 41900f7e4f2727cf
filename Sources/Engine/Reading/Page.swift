import JSON
import PostgresClient

/// One page of a list.
public struct Page<Element: Sendable>: Sendable {
    /// The elements, at most as many as were asked for.
    public var elements: [Element]
    /// Where the next page begins; nil on the last one.
    public var next: Cursor?
}

/// Where a page of a list begins: opaque, made by the page before.
public struct Cursor: Sendable, Hashable, LosslessStringConvertible {
    let place: JSON

    init(_ place: JSON) { self.place = place }

    /// Reads a cursor from its text; nil where it is none.
    public init?(_ description: String) {
        guard let bytes = Hexadecimal.bytes(description), let place = try? JSON(parsing: bytes) else { return nil }
        self.place = place
    }

    /// The cursor as text for URLs.
    public var description: String { Digest.hexadecimal(place.bytes()) }
}

/// Which page of a list.
public struct PageRequest: Sendable {
    /// The most elements, from 1 to 200.
    public var limit: Int
    /// Where it begins; nil for the first page.
    public var cursor: Cursor?

    /// Creates a request; the limit is held between 1 and 200.
    public init(limit: Int = 50, cursor: Cursor? = nil) {
        self.limit = min(max(limit, 1), 200)
        self.cursor = cursor
    }
}

enum Hexadecimal {
    /// The bytes that hexadecimal digits stand for; nil where they are none.
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { digit -> UInt8? in
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
            default: nil
            }
        }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}

/// A statement whose conditions depend on what is asked for.
struct Selection {
    private var conditions: [String] = []
    private var parameters: [any PostgresEncodable] = []

    /// Binds a value and returns its placeholder.
    mutating func bind(_ value: some PostgresEncodable) -> String {
        parameters.append(value)
        return "$\(parameters.count)"
    }

    /// Adds a condition.
    mutating func require(_ condition: String) { conditions.append(condition) }

    /// Adds `column = value` unless there is no value.
    mutating func require(_ column: String, equals value: (some PostgresEncodable)?) {
        if let value { require("\(column) = \(bind(value))") }
    }

    /// Adds that a column is one of some values, unless there are none.
    mutating func require(_ column: String, in values: [String]) {
        // A single value is compared as one, so that an index can give its rows in order.
        if values.count > 1 {
            require("\(column) = ANY (\(bind(values)))")
        } else {
            require(column, equals: values.first)
        }
    }

    /// The statement with its conditions between two texts.
    func query(_ head: String, _ tail: String) -> PostgresQuery {
        let text = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: "\n    AND ")
        return PostgresQuery(sql: "\(head)\n\(text)\n\(tail)", parameters)
    }
}
