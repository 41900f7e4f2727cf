import CEL
import Deadlines
import JSON

/// Who a tenant is in law, and to whom it answers: its legal entities, the authorities, and its counterparties.
public struct Parties: Sendable {
    /// The kinds of party.
    public enum Kind: String, CaseIterable, Sendable {
        /// A legal entity of the tenant.
        case entity
        /// An authority to which it reports.
        case authority
        /// A customer, vendor or insurer with a contract.
        case counterparty
    }

    /// One party.
    public struct Party: Sendable {
        /// What it is.
        public var kind: Kind
        /// Identifier that obligations use.
        public var id: String
        /// Everything known of it, as it was entered, checked.
        public var fields: JSONObject

        /// Reads a party; every member is checked.
        ///
        /// - Throws: ``Fault`` with the path and what was expected.
        public init(_ kind: Kind, id: String, _ json: JSON) throws(Fault) {
            guard let fields = json.objectValue else { throw Fault("\(kind.plural).\(id): is an object") }
            (self.kind, self.id, self.fields) = (kind, id, fields)
            try check()
        }

        /// The party as formulas see it.
        var value: CEL.Value {
            var entries: [(String, CEL.Value)] = [("id", .string(id))]
            // An entity is established where it sits, and at the further places that it lists.
            var fields = fields
            if kind == .entity, let country = fields["country"] {
                let further = fields["established"]?.arrayValue ?? []
                fields["established"] = .array([country] + further.filter { $0 != country })
            }
            entries += fields.map { ($0.key, CEL.Value(json: $0.value)) }
            return .map(MapValue(fields: entries))
        }
    }

    /// Why a party is refused.
    public struct Fault: Error, Sendable, CustomStringConvertible {
        /// A sentence for people, beginning with the place.
        public let description: String
        init(_ description: String) { self.description = description }
    }

    /// All parties, in order of kind and identifier.
    public var all: [Party]

    /// Creates a set of parties.
    public init(_ all: [Party] = []) {
        self.all = all.sorted { ($0.kind.rawValue, $0.id) < ($1.kind.rawValue, $1.id) }
    }

    /// Reads `entities`, `authorities` and `counterparties`, each an object by identifier; other members are ignored.
    ///
    /// - Throws: ``Fault`` with the path and what was expected.
    public init(json: JSON) throws(Fault) {
        var all: [Party] = []
        for kind in Kind.allCases {
            for (id, entry) in json[kind.plural]?.objectValue ?? JSONObject() {
                all.append(try Party(kind, id: id, entry))
            }
        }
        self.init(all)
    }

    func of(_ kind: Kind) -> [CEL.Value] { all.filter { $0.kind == kind }.map(\.value) }
}

extension Parties.Kind {
    /// The member of a directory that holds this kind.
    public var plural: String {
        switch self {
        case .entity: "entities"
        case .authority: "authorities"
        case .counterparty: "counterparties"
        }
    }

    /// What may be said of it.
    fileprivate var members: [(name: String, shape: Shape)] {
        switch self {
        case .entity:
            [
                ("title", .text), ("parent", .text), ("country", .jurisdiction), ("established", .jurisdictions),
                ("roles", .texts), ("attributes", .object), ("leadAuthority", .text), ("representative", .text),
                ("zone", .text), ("calendar", .text), ("dpo", .text),
            ]
        case .authority:
            [
                ("title", .text), ("jurisdictions", .jurisdictions), ("regimes", .texts), ("portal", .text),
                ("languages", .texts), ("fallback", .text), ("zone", .text), ("calendar", .text),
            ]
        case .counterparty:
            [
                ("title", .text), ("kind", .oneOf(["customer", "vendor", "insurer"])), ("entity", .text),
                ("notice", .period), ("trigger", .oneOf(["awareness", "confirmation", "classification"])),
                ("contact", .text), ("kinds", .texts),
                ("country", .jurisdiction), ("zone", .text), ("contract", .text),
            ]
        }
    }

    fileprivate var required: [String] {
        switch self {
        case .entity: ["title", "country"]
        case .authority: ["title", "jurisdictions"]
        case .counterparty: ["title", "kind", "entity", "notice"]
        }
    }
}

/// What a member of a party may be.
private enum Shape {
    case text, texts, object, jurisdiction, jurisdictions, period
    case oneOf([String])

    func fault(_ value: JSON) -> String? {
        switch self {
        case .text: value.stringValue?.isEmpty == false ? nil : "a text"
        case .texts: value.arrayValue?.allSatisfy { $0.stringValue != nil } == true ? nil : "a list of texts"
        case .object: value.objectValue != nil ? nil : "an object"
        case .jurisdiction:
            value.stringValue.map(Self.isCode) == true ? nil : "a code such as `de` or `us-ca`"
        case .jurisdictions:
            value.arrayValue?.allSatisfy { $0.stringValue.map(Self.isCode) == true } == true
                ? nil : "a list of codes such as `de` or `us-ca`"
        case .period:
            value.stringValue.flatMap { try? Period($0) } != nil ? nil : "an ISO 8601 duration such as PT24H"
        case .oneOf(let words):
            value.stringValue.map(words.contains) == true ? nil : "one of \(words.joined(separator: ", "))"
        }
    }

    /// Two letters, and perhaps a subdivision of up to three letters or digits.
    static func isCode(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let country = parts.first, country.count == 2, country.allSatisfy(letters.contains) else { return false }
        guard parts.count == 2 else { return parts.count == 1 }
        return (1...3).contains(parts[1].count)
            && parts[1].allSatisfy { letters.contains($0) || digits.contains($0) }
    }
}

extension Parties.Party {
    private func check() throws(Parties.Fault) {
        let place = "\(kind.plural).\(id)"
        let known = kind.members.map(\.name)
        if let other = fields.keys.first(where: { !known.contains($0) }) {
            throw Parties.Fault("\(place): has no `\(other)`, only \(known.joined(separator: ", "))")
        }
        for name in kind.required where fields[name] == nil {
            throw Parties.Fault("\(place).\(name): is missing")
        }
        for (name, shape) in kind.members {
            guard let value = fields[name], let expected = shape.fault(value) else { continue }
            throw Parties.Fault("\(place).\(name): is \(expected)")
        }
        for role in fields["roles"]?.arrayValue ?? [] {
            guard let role = role.stringValue, let meant = Parties.role(meantBy: role) else { continue }
            throw Parties.Fault("\(place).roles: `\(role)` is no role that regimes ask for; is `\(meant)` meant?")
        }
    }
}

extension Parties {
    /// The roles that the shipped regimes ask for, but those of DORA, which are many.
    static let roles = [
        "controller", "joint-controller", "processor", "nis2-essential", "nis2-important", "trust-service",
        "qualified-trust-service", "cra-manufacturer", "uk-communications-provider", "uk-essential-services",
        "uk-digital-service", "hipaa-covered-entity", "hipaa-business-associate", "ftc-safeguards", "ftc-phr-vendor",
        "banking-organisation", "credit-union", "sec-registrant", "sec-institution", "sec-service-provider",
        "nydfs-covered-entity", "ca-licensed-clinic", "small-agent", "ch-critical-infrastructure",
        "cn-critical-infrastructure",
    ]

    /// The role for which another word was mistyped; nil where it may be one of the tenant's own.
    static func role(meantBy word: String) -> String? {
        guard !roles.contains(word) else { return nil }
        let letters = Array(word.lowercased().unicodeScalars.prefix(64))
        return roles.first { Spelling.distance(letters, Array($0.unicodeScalars)) <= 2 }
    }
}
