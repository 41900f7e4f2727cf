import Deadlines
import PostgresClient
import Synchronization
import Workflows

/// What a bearer token allows, and to whom.
public struct Principal: Sendable, Hashable {
    /// The tenant; every command and every read is for it alone.
    public var tenant: Identifier
    /// The token.
    public var token: Identifier
    /// The name of the token, which is the connector's where it acts for no person.
    public var name: String
    /// The person it acts for; nil for a system.
    public var person: String?
    /// What it may do: of ``Engine/Engine/scopes``.
    public var scopes: Set<String>

    /// Who acts in commands.
    public var actor: Actor { person.map { .person($0) } ?? .connector(name) }

    /// On whose behalf things are read.
    public var viewer: Viewer { Viewer(tenant: tenant, person: person) }
}

/// A new token; the only time that its text is known.
public struct IssuedToken: Sendable {
    /// The token.
    public var id: Identifier
    /// The text to be sent as `Authorization: Bearer …`.
    public var text: String
}

/// A token in a list.
public struct TokenSummary: Sendable {
    /// The token.
    public var id: Identifier
    /// Its name.
    public var name: String
    /// The person it acts for.
    public var person: String?
    /// What it may do.
    public var scopes: [String]
    /// When it was made.
    public var createdAt: Instant
    /// When it ends; nil for never.
    public var expiresAt: Instant?
    /// When it was revoked.
    public var revokedAt: Instant?
}

/// The text of a token: a prefix, the tenant in hexadecimal, `_`, 32 random bytes in hexadecimal.
///
/// The tenant is part of it, so that it can be found by a key that begins with the tenant. Only the hash is stored.
struct TokenText {
    /// What a token is good for.
    enum Prefix: String {
        /// Requests to the API.
        case bearer = "reeve"
        /// Reading one feed, as part of its address.
        case feed = "feed"
    }

    let tenant: Identifier
    let text: String

    init(tenant: Identifier, _ prefix: Prefix = .bearer) {
        self.tenant = tenant
        text = "\(prefix.rawValue)_\(Digest.hexadecimal(tenant.bytes))_\(Digest.hexadecimal(Randomness.bytes(32)))"
    }

    init?(_ text: String, _ prefix: Prefix = .bearer) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == prefix.rawValue, parts[1].utf8.count == 32, parts[2].utf8.count == 64,
            let bytes = Hexadecimal.bytes(String(parts[1]))
        else { return nil }
        let halves = bytes.reduce(into: (UInt64(0), UInt64(0))) { halves, byte in
            halves.0 = halves.0 << 8 | halves.1 >> 56
            halves.1 = halves.1 << 8 | UInt64(byte)
        }
        tenant = Identifier(high: halves.0, low: halves.1)
        self.text = text
    }

    /// Random text of 256 bits needs no slow hash.
    var hash: [UInt8] { Digest.sha256(Array(text.utf8)) }
}

/// Tokens that were good a moment ago; a revocation takes effect within the time they are kept.
final class TokenCache: Sendable {
    static let lifetime = Duration.seconds(5)
    private static let capacity = 10_000

    private let kept = Mutex<[[UInt8]: (principal: Principal, until: ContinuousClock.Instant)]>([:])

    func principal(_ hash: [UInt8]) -> Principal? {
        kept.withLock { kept in
            guard let entry = kept[hash] else { return nil }
            return entry.until > .now ? entry.principal : nil
        }
    }

    /// Whether a token was good once, though it has to be looked up again.
    func hasSeen(_ hash: [UInt8]) -> Bool { kept.withLock { $0[hash] != nil } }

    func keep(_ principal: Principal, for hash: [UInt8]) {
        kept.withLock { kept in
            if kept.count >= Self.capacity { kept.removeAll() }
            kept[hash] = (principal, .now + Self.lifetime)
        }
    }

    /// Every token has to be looked up again.
    func forget() { kept.withLock { kept in kept = kept.mapValues { ($0.principal, .now) } } }
}
