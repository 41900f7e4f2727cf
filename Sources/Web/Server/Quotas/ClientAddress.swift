import Glibc

/// Where a request comes from: an IPv4 address, or the network of an IPv6 address, of which anyone has a great many.
struct ClientAddress: Hashable, Sendable {
    private let bytes: [UInt8]

    /// The address of a text; nil where it is none.
    init?(_ text: some StringProtocol) {
        guard let bytes = Self.parse(String(text)) else { return nil }
        self.bytes = bytes.count == 16 ? Array(bytes.prefix(8)) : bytes
    }

    /// All that has no address.
    static let unknown = ClientAddress(bytes: [])

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// The four or sixteen bytes of an address; an IPv4 address in IPv6 clothes has four.
    fileprivate static func parse(_ text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var sixteen = in6_addr()
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: sixteen) { Array($0) }
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
        return isMapped ? Array(bytes.suffix(4)) : bytes
    }
}

/// The reverse proxies whose word about the client's address is taken.
public struct TrustedProxies: Sendable {
    private struct Network: Sendable {
        var bytes: [UInt8]
        var bits: Int

        func contains(_ address: [UInt8]) -> Bool {
            guard address.count == bytes.count else { return false }
            let whole = bits / 8
            guard address.prefix(whole) == bytes.prefix(whole) else { return false }
            guard bits % 8 > 0 else { return true }
            let mask = UInt8(0xff) << UInt8(8 - bits % 8)
            return address[whole] & mask == bytes[whole] & mask
        }
    }

    private let networks: [Network]

    /// None.
    public static let none = TrustedProxies(networks: [])

    private init(networks: [Network]) { self.networks = networks }

    /// Addresses and networks such as `10.0.0.0/8`, with commas between; nil where one is neither.
    public init?(parsing text: String) {
        var networks: [Network] = []
        for part in text.split(separator: ",") {
            let halves = part.trimmed.split(separator: "/", omittingEmptySubsequences: false)
            guard halves.count <= 2, let bytes = ClientAddress.parse(String(halves[0])) else { return nil }
            let bits = halves.count == 2 ? Int(halves[1]) : bytes.count * 8
            guard let bits, (0...bytes.count * 8).contains(bits) else { return nil }
            networks.append(Network(bytes: bytes, bits: bits))
        }
        self.networks = networks
    }

    /// Where a request comes from: the peer, or what the last proxy that is trusted says of whom it serves.
    func client(peer: String?, forwardedFor: [String]) -> ClientAddress {
        guard let peer, trusts(peer) else { return peer.flatMap { ClientAddress($0) } ?? .unknown }
        let chain = forwardedFor.flatMap { $0.split(separator: ",").map { String($0.trimmed) } }
        let client = chain.reversed().first { !trusts($0) } ?? chain.first ?? peer
        return ClientAddress(client) ?? ClientAddress(peer) ?? .unknown
    }

    private func trusts(_ text: String) -> Bool {
        guard let address = ClientAddress.parse(text) else { return false }
        return networks.contains { $0.contains(address) }
    }
}
