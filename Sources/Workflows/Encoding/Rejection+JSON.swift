import JSON

extension Rejection {
    /// The kind of rejection in one word, for programs.
    public var code: String {
        switch self {
        case .unknownEvent: "unknown-event"
        case .missing: "missing"
        case .invalid: "invalid"
        case .unexpected: "unexpected"
        case .notAllowed: "not-allowed"
        case .separation: "separation-of-duties"
        case .guardFalse: "guard-false"
        case .failed: "expression-failed"
        case .required: "required"
        case .alreadyFinal: "already-final"
        case .suspended: "suspended"
        case .staleVersion: "stale-version"
        case .unknownItem: "unknown-item"
        case .notAsked: "not-asked"
        case .votedAlready: "voted-already"
        case .notEligible: "not-eligible"
        case .notCorrectable: "not-correctable"
        case .stranded: "stranded"
        case .unanswered: "unanswered"
        }
    }

    /// The reason and the way out in one sentence, for people.
    public var message: String {
        switch self {
        case .unknownEvent(let event, let state, let known):
            "There is no event `\(event)` in state `\(state)`; \(Self.choice(known, none: "no event is known there"))."
        case .missing(let names): "Missing: \(names.joined(separator: ", "))."
        case .invalid(let problems):
            problems.map { "\($0.path): \($0.message)" }.joined(separator: "; ")
        case .unexpected(let names, let allowed):
            "Not taken here: \(names.joined(separator: ", ")); \(Self.choice(allowed, none: "nothing may be sent"))."
        case .notAllowed(let actor, let allowed):
            "\(actor) may not do this; allowed: \(allowed.joined(separator: ", "))."
        case .separation(let person, let role, let other):
            "\(person) cannot act as \(role), having had a part in \(other), which must be somebody else's."
        case .guardFalse(let sentence, let expression, let because):
            sentence ?? "Not true: \(expression)\(because.isEmpty ? "" : " (\(because.joined(separator: "; ")))")."
        case .failed(let expression, let message, let position):
            "`\(expression)` at \(position.file):\(position.line):\(position.column) failed: \(message)."
        case .required(let names, let state): "State `\(state)` requires: \(names.joined(separator: ", "))."
        case .alreadyFinal(let state): "The instance has ended in `\(state)`."
        case .suspended: "The instance is suspended; resume it first."
        case .staleVersion(let expected, let actual):
            "The instance has moved on: expected entry \(expected), it stands at \(actual). Read it again."
        case .unknownItem(let kind, let item, let open):
            "There is no open \(kind) `\(item)`; "
                + "\(Self.choice(open.map(\.description), none: "none is open"))."
        case .notAsked(let person, let item): "\(person) is not among those asked for `\(item)`."
        case .votedAlready(let person, let item): "\(person) has voted on `\(item)` already."
        case .notEligible(let person, let role, let groups):
            groups.isEmpty
                ? "\(person) does not hold the role \(role)."
                : "\(person) is not eligible as \(role); eligible are members of \(groups.joined(separator: ", "))."
        case .notCorrectable(let field, let correctable):
            "`\(field)` cannot be corrected by this actor; "
                + "\(Self.choice(correctable, none: "no field can be corrected"))."
        case .stranded(let needs):
            needs.map { "\($0.part): \($0.message); needed is \($0.remedy)." }.joined(separator: " ")
        case .unanswered(let message): message
        }
    }

    /// The particulars, for programs.
    public var details: JSON {
        switch self {
        case .unknownEvent(let event, let state, let known):
            ["event": .string(event), "state": .string(state), "known": Self.list(known)]
        case .missing(let names): ["names": Self.list(names)]
        case .invalid(let problems):
            ["problems": .array(problems.map { ["path": .string($0.path), "message": .string($0.message)] })]
        case .unexpected(let names, let allowed): ["names": Self.list(names), "allowed": Self.list(allowed)]
        case .notAllowed(let actor, let allowed): ["actor": .string(actor), "allowed": Self.list(allowed)]
        case .separation(let person, let role, let other):
            ["person": .string(person), "role": .string(role), "other": .string(other)]
        case .guardFalse(_, let expression, let because):
            ["expression": .string(expression), "because": Self.list(because)]
        case .failed(let expression, let message, let position):
            [
                "expression": .string(expression), "message": .string(message), "file": .string(position.file),
                "line": .int(Int64(position.line)), "column": .int(Int64(position.column)),
            ]
        case .required(let names, let state): ["names": Self.list(names), "state": .string(state)]
        case .alreadyFinal(let state): ["state": .string(state)]
        case .suspended: [:]
        case .staleVersion(let expected, let actual): ["expected": .int(expected), "actual": .int(actual)]
        case .unknownItem(let kind, let item, let open):
            ["kind": .string(kind), "item": item.json, "open": .array(open.map(\.json))]
        case .notAsked(let person, let item), .votedAlready(let person, let item):
            ["person": .string(person), "item": item.json]
        case .notEligible(let person, let role, let groups):
            ["person": .string(person), "role": .string(role), "groups": Self.list(groups)]
        case .notCorrectable(let field, let correctable):
            ["field": .string(field), "correctable": Self.list(correctable)]
        case .stranded(let needs): ["needs": .array(needs.map(\.json))]
        case .unanswered(let message): ["message": .string(message)]
        }
    }

    private static func list(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }

    private static func choice(_ options: [String], none: String) -> String {
        options.isEmpty ? none : "possible: \(options.joined(separator: ", "))"
    }
}
