import CLibPQ

/// What the server said, in the fields of its protocol: an error, or a notice.
public struct ServerMessage: Sendable, Hashable {
    /// `ERROR`, `FATAL`, `PANIC`, `WARNING`, `NOTICE`, `DEBUG`, `INFO` or `LOG`, never translated.
    public var severity: String
    /// The class of what happened.
    public var state: SQLState
    /// One line for people, in the language of the server.
    public var message: String
    /// More about it.
    public var detail: String?
    /// What the server suggests.
    public var hint: String?
    /// Where in the SQL, counted in characters from 1.
    public var position: Int?
    /// What the server was doing, innermost first.
    public var context: String?
    /// The schema of the object concerned.
    public var schema: String?
    /// The table concerned.
    public var table: String?
    /// The column concerned.
    public var column: String?
    /// The data type concerned.
    public var dataType: String?
    /// The constraint that was violated.
    public var constraint: String?
    /// The function in the server's source that reported it; does not depend on the language.
    public var routine: String?
}

extension ServerMessage {
    /// Reads the fields of an error result, or of a notice.
    init(_ result: OpaquePointer) {
        func field(_ code: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
        }
        severity = field("V") ?? field("S") ?? "ERROR"
        state = SQLState(rawValue: field("C") ?? "")
        message = field("M") ?? PQresultErrorMessage(result).map { String(cString: $0).trimmingNewlines } ?? ""
        detail = field("D")
        hint = field("H")
        position = field("P").flatMap { Int($0) }
        context = field("W")
        schema = field("s")
        table = field("t")
        column = field("c")
        dataType = field("d")
        constraint = field("n")
        routine = field("R")
    }
}

extension ServerMessage: CustomStringConvertible {
    /// Severity, code, message, detail and hint in one line.
    public var description: String {
        var text = "\(severity) \(state): \(message)"
        if let detail { text += " (\(detail))" }
        if let hint { text += " [hint: \(hint)]" }
        return text
    }
}

/// A notice or warning of the server.
public typealias PostgresNotice = ServerMessage

extension ServerMessage {
    /// Whether this warns that a commit is durable here, but was not confirmed by the synchronous standby.
    ///
    /// Recognised by the reporting function, since the message itself may be translated.
    public var isUnconfirmedCommit: Bool { routine == "SyncRepWaitForLSN" }
}

extension String {
    var trimmingNewlines: String {
        var text = self[...]
        while let last = text.last, last.isNewline { text.removeLast() }
        return String(text)
    }
}
