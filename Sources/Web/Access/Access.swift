import Engine

/// Who may call a route.
enum Access: Sendable, Equatable {
    /// Anyone, without a token.
    case everyone
    /// Tokens with a scope; what they see and may do beyond that is decided by the engine.
    case scope(String)

    /// Tokens that may read.
    static let reading = Access.scope("read")
    /// Tokens that may change something.
    static let writing = Access.scope("write")
    /// Tokens of administrators.
    static let administering = Access.scope("admin")
    /// Tokens of auditors.
    static let auditing = Access.scope("audit")

    /// What the description says.
    var words: String {
        switch self {
        case .everyone: "Needs no token."
        case .scope(let scope): "Needs a token with the scope \(scope)."
        }
    }

    /// Refuses a token that lacks the scope.
    func check(_ principal: Principal) throws(Problem) {
        guard case .scope(let scope) = self, !principal.scopes.contains(scope) else { return }
        throw Problem(
            .forbidden,
            "This needs a token with the scope \(scope); yours has \(principal.scopes.sorted().joined(separator: ", "))."
        )
    }
}
