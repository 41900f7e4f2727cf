import HTTPTypes
import JSON

/// Why a request was not fulfilled, as RFC 9457 describes it to programs and people.
struct Problem: Error, Sendable {
    /// One fault of a body or of the parameters.
    struct Fault: Sendable, Equatable {
        /// JSON pointer into the body (RFC 6901), or the parameter's name.
        var place: String
        /// What is wrong and what was expected.
        var message: String
    }

    /// What kind of problem it is.
    var kind: ProblemKind
    /// What happened this time, and the way out.
    var detail: String
    /// Every fault found, where there are several places to mend.
    var faults: [Fault] = []
    /// Further members.
    var members: JSONObject = [:]
    /// Headers that the reply needs.
    var headers: HTTPFields = [:]

    /// Creates a problem.
    init(_ kind: ProblemKind, _ detail: String, faults: [Fault] = [], members: JSONObject = [:]) {
        self.kind = kind
        self.detail = detail
        self.faults = faults
        self.members = members
    }

    /// The document of RFC 9457; `type` is relative to the server and leads to a page.
    func document(requestID: String) -> JSON {
        var document: JSONObject = [
            "type": .string("/problems/\(kind.rawValue)"),
            "title": .string(kind.title),
            "status": .int(Int64(kind.status)),
            "detail": .string(detail.told(20_000)),
            "request": .string(requestID),
        ]
        if !faults.isEmpty {
            document["errors"] = .array(
                faults.map { ["pointer": .string($0.place.told(2000)), "detail": .string($0.message.told(20_000))] })
        }
        for member in members { document[member.key] = member.value }
        return .object(document)
    }
}

extension String {
    /// The text as it can be told: of bounded length, whatever it repeats of what was sent, and without NUL.
    fileprivate func told(_ limit: Int) -> String {
        let clean = utf8.contains(0) ? replacing("\0", with: "\u{FFFD}") : self
        guard clean.utf8.count > limit, clean.unicodeScalars.count > limit else { return clean }
        return String(String.UnicodeScalarView(clean.unicodeScalars.prefix(limit - 1))) + "…"
    }
}

extension Problem {
    /// What the token may not see and what does not exist: nobody can tell one from the other.
    static func noSuch(_ thing: String, _ name: String) -> Problem {
        Problem(.notFound, "There is no \(thing) \"\(name)\" that this token may see.")
    }

    /// One parameter with a value that is not allowed.
    static func parameter(_ name: String, _ message: String) -> Problem {
        Problem(
            .invalidParameter, "The parameter \"\(name)\" \(message).", faults: [Fault(place: name, message: message)])
    }

    /// What was sent as `after` is no cursor of this list.
    static let unusableCursor = Problem(
        .unusableCursor, "The parameter \"after\" is no cursor of this list; use the member next of the page before.",
        faults: [Fault(place: "after", message: "is no cursor of this list")])

    /// A passing failure; the caller may try again after so many seconds.
    static func unavailable(_ detail: String, retryAfter seconds: Int = 1) -> Problem {
        var problem = Problem(.unavailable, detail)
        problem.headers[.retryAfter] = String(seconds)
        return problem
    }
}
