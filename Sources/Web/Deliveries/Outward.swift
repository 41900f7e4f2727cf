import Engine

/// What checks the settings of destinations and keeps their secrets.
struct Outward: Sendable {
    /// The ways to the world outside.
    let transports: [any Transport]
    /// Keys that secrets are kept under.
    let keys: SecretKeys

    /// Creates it from what the server was given.
    init(_ transports: [any Transport], _ keys: SecretKeys) {
        self.transports = transports
        self.keys = keys
    }
}
