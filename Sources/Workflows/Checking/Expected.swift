import CEL

/// What a formula must yield.
enum Expected {
    case bool, timestamp, list, anything
    /// One of these types.
    case oneOf([CELType], words: String)

    func accepts(_ type: CELType) -> Bool {
        switch self {
        case .anything: true
        case .bool: type.isAssignable(to: .bool)
        case .timestamp: type.isAssignable(to: .timestamp)
        case .list: type.isAssignable(to: .list(.dyn))
        case .oneOf(let types, _): types.contains { type.isAssignable(to: $0) }
        }
    }

    var words: String {
        switch self {
        case .anything: "any value"
        case .bool: "a bool"
        case .timestamp: "a timestamp"
        case .list: "a list"
        case .oneOf(_, let words): words
        }
    }

    static let text = Expected.oneOf([.string], words: "a string")
    static let key = Expected.oneOf([.string, .int], words: "a string or an int")
    static let people = Expected.oneOf([.string, .list(.string)], words: "a person's identifier or a list of them")
    static let length = Expected.oneOf([.duration, .string], words: "a duration, or an ISO 8601 text")
    static let facts = Expected.oneOf([.timestamp, .list(.timestamp)], words: "a timestamp or a list of them")
}
