import Engine
import JSON

extension Problem {
    /// The problem that any error amounts to.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as CommandError: self.init(error)
        case let error as ReadingError: self.init(error)
        case let error as AdministrationError: self.init(error)
        case let error as PublicationError: self.init(error)
        case let error as DatabaseError: self.init(error)
        case is CancellationError: self = .unavailable("The server is stopping.")
        default: self.init(.internalError, Self.seeLog)
        }
    }

    private static let seeLog = "The log has the particulars under this request's identifier."

    private init(_ error: CommandError) {
        switch error {
        case .refused(let refusal): self.init(refusal)
        case .unavailable: self = .unavailable("\(error)")
        case .outcomeUnknown:
            self.init(.outcomeUnknown, "\(error)")
            headers[.retryAfter] = "1"
        case .failed: self.init(.internalError, Self.seeLog)
        }
    }

    private init(_ refusal: Refusal) {
        self.init(ProblemKind(refusal: refusal.code), refusal.message)
        members["rejection"] = [
            "code": .string(refusal.code), "message": .string(refusal.message), "details": refusal.details,
        ]
        for problem in refusal.details["problems"]?.arrayValue ?? [] {
            let place = problem["path"]?.stringValue ?? ""
            faults.append(Fault(place: place, message: problem["message"]?.stringValue ?? ""))
        }
        if refusal.isRepeated { headers[.idempotencyReplayed] = "true" }
        if let recordedAt = refusal.recordedAt { headers[.idempotencyExpires] = recordedAt.answerExpiry.description }
    }

    private init(_ error: ReadingError) {
        switch error {
        case .badCursor: self = .unusableCursor
        case .database(let error): self.init(error)
        case .corrupt: self.init(.internalError, Self.seeLog)
        }
    }

    private init(_ error: AdministrationError) {
        switch error {
        case .invalid(let sentence): self.init(.invalidBody, sentence)
        case .database(let error): self.init(error)
        }
    }

    private init(_ error: PublicationError) {
        switch error {
        case .faulty(let faults):
            let count = faults.faults.count
            self.init(
                .invalidDefinition,
                "\(faults.faults.first?.description ?? "")\(count > 1 ? " and \(count - 1) more" : "")")
            members["errors"] = .array(
                faults.faults.map { fault in
                    [
                        "pointer": .string(fault.file), "detail": .string("\(fault.sentence) [\(fault.code.rawValue)]"),
                        "line": .int(Int64(fault.line)), "column": .int(Int64(fault.column)),
                    ]
                })
        case .unusable(let reason): self.init(.invalidDefinition, reason)
        case .unknownTenant: self.init(.notFound, "The token's tenant does not exist.")
        case .database(let error): self.init(error)
        }
    }

    private init(_ error: DatabaseError) {
        if error.isRetryable || error.isOutcomeUnknown {
            self = .unavailable("The database is not available at present.")
        } else {
            self.init(.internalError, Self.seeLog)
        }
    }
}

extension ProblemKind {
    /// The kind of a refusal by its code: who may not is 403, what is in no condition 409, what does not fit 422.
    init(refusal code: String) {
        switch code {
        case Refusal.notFound, Refusal.unknownWorkflow, Refusal.unknownTenant: self = .notFound
        case Refusal.keyReused: self = .keyReused
        case "stale-version": self = .staleVersion
        case "not-allowed", "separation-of-duties", "not-asked": self = .forbidden
        case Refusal.noVersion: self = .conflict
        case "unknown-event", "already-final", "suspended", "unknown-item", "voted-already", Refusal.alreadyOpen:
            self = .conflict
        default: self = .rejected
        }
    }
}
