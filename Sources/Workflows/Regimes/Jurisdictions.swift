/// A set of jurisdictions: `de` stands for the country with all its parts, `us-ca` for California alone.
///
/// Codes are those of ISO 3166 in lower case, a subdivision after the country.
public struct Jurisdictions: Sendable, Hashable {
    /// What may be written for the 27 Member States of the European Union.
    public static let unionCode = "eu"

    /// The Member States of the European Union since 2020-02-01 (https://european-union.europa.eu, "EU countries").
    public static let union = [
        "at", "be", "bg", "cy", "cz", "de", "dk", "ee", "es", "fi", "fr", "gr", "hr", "hu", "ie", "it", "lt", "lu",
        "lv", "mt", "nl", "pl", "pt", "ro", "se", "si", "sk",
    ]

    /// The codes, the Union's members in its stead.
    public let codes: [String]
    /// The codes that are left out, though one above them is named.
    public let exceptions: [String]

    /// A set of codes, of which `eu` stands for its members, without some.
    public init(_ codes: [String], except exceptions: [String] = []) {
        self.codes = codes.flatMap { $0 == Self.unionCode ? Self.union : [$0] }
        self.exceptions = exceptions
    }

    /// Whether nothing is named.
    public var isEmpty: Bool { codes.isEmpty }

    /// Whether a jurisdiction or one above it is named.
    public func contains(_ code: String) -> Bool {
        codes.contains { Self.covers($0, code) } && !exceptions.contains { Self.covers($0, code) }
    }

    private static func covers(_ whole: String, _ part: String) -> Bool {
        part == whole || part.hasPrefix(whole + "-")
    }
}
