import Workflows

/// What one caller may take of a server, so that enough is left for the others.
struct Quotas: Sendable {
    /// Requests that one token may have under way.
    static let requestsAtOnce = 256
    /// Bytes of bodies in memory, of all requests together.
    static let bodyBytes = 256 << 20
    /// Bytes of bodies of one token in memory: two files of the greatest size.
    static let bodyBytesOfToken = 64 << 20

    /// How often a token asks.
    let tokens: RateLimiter<Identifier>
    /// How often an address asks that shows no token, or a wrong one.
    let guests: RateLimiter<ClientAddress>
    let underWay = Occupancy<Identifier>(limit: .max, each: Quotas.requestsAtOnce)
    let bodies = Occupancy<Identifier>(limit: Quotas.bodyBytes, each: Quotas.bodyBytesOfToken)

    /// - Parameters:
    ///   - tokens: requests of a token in a second; nil for no limit.
    ///   - guests: requests of an address without a good token in a second; nil for no limit.
    init(tokens: Int?, guests: Int?) {
        self.tokens = RateLimiter(rate: tokens)
        self.guests = RateLimiter(rate: guests)
    }

    /// The problem of a token that asks too often, or nil; takes note of the request.
    func excess(of token: Identifier) -> Problem? {
        guard let wait = tokens.admit(token) else { return nil }
        return .tooMany("This token may ask \(tokens.rate ?? 0) times a second (the setting rate-limit).", wait)
    }

    /// The problem of an address that asks too often without a good token, or nil; takes note of the request.
    func excess(of address: ClientAddress) -> Problem? {
        guard let wait = guests.admit(address) else { return nil }
        return .tooMany(Self.guestDetail(guests.rate), wait)
    }

    /// The problem of an address that has asked too often without a good token, or nil.
    func closure(for address: ClientAddress) -> Problem? {
        guard let wait = guests.wait(of: address) else { return nil }
        return .tooMany(Self.guestDetail(guests.rate), wait)
    }

    private static func guestDetail(_ rate: Int?) -> String {
        "Without a good token, one address may ask \(rate ?? 0) times a second (the setting guest-rate-limit)."
    }
}

extension Problem {
    /// Somebody asks too often, and may ask again after so many seconds.
    static func tooMany(_ detail: String, _ seconds: Int) -> Problem {
        var problem = Problem(.tooManyRequests, detail)
        problem.headers[.retryAfter] = String(seconds)
        return problem
    }
}
