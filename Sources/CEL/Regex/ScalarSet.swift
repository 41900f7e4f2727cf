/// A set of Unicode scalars, as a class such as `[a-z\d]` describes it.
struct ScalarSet: Sendable {
    private(set) var ranges: [ClosedRange<UInt32>] = []
    private var categories: [Category] = []
    private var isNegated = false
    private var ignoresCase = false
    private var subsets: [ScalarSet] = []

    private struct Category: Sendable {
        let name: String
        let isNegated: Bool
    }

    init(_ ranges: [ClosedRange<UInt32>] = []) { self.ranges = ranges }

    mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }

    mutating func insert(_ set: ScalarSet) { subsets.append(set) }

    func negated() -> ScalarSet {
        var set = self
        set.isNegated.toggle()
        return set
    }

    func ignoringCase() -> ScalarSet {
        var set = self
        set.ignoresCase = true
        return set
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        var found = holds(scalar)
        if !found, ignoresCase {
            found = scalar.caseVariants.contains { holds($0) }
        }
        return found != isNegated
    }

    private func holds(_ scalar: Unicode.Scalar) -> Bool {
        for range in ranges where range.contains(scalar.value) { return true }
        for subset in subsets where subset.contains(scalar) { return true }
        for category in categories where scalar.hasCategory(category.name) != category.isNegated { return true }
        return false
    }

    static let digit = ScalarSet([0x30...0x39])
    static let space = ScalarSet([0x09...0x0A, 0x0C...0x0D, 0x20...0x20])
    static let word = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let any = ScalarSet([0...0x10FFFF])
    static let anyButNewline = ScalarSet([0...0x09, 0x0B...0x10FFFF])

    /// A class by its POSIX name, as in `[[:alpha:]]`; nil where there is none.
    static func posix(_ name: String) -> ScalarSet? {
        let ranges: [ClosedRange<UInt32>]
        switch name {
        case "alnum": ranges = [0x30...0x39, 0x41...0x5A, 0x61...0x7A]
        case "alpha": ranges = [0x41...0x5A, 0x61...0x7A]
        case "ascii": ranges = [0...0x7F]
        case "blank": ranges = [0x09...0x09, 0x20...0x20]
        case "cntrl": ranges = [0...0x1F, 0x7F...0x7F]
        case "digit": ranges = [0x30...0x39]
        case "graph": ranges = [0x21...0x7E]
        case "lower": ranges = [0x61...0x7A]
        case "print": ranges = [0x20...0x7E]
        case "punct": ranges = [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]
        case "space": ranges = [0x09...0x0D, 0x20...0x20]
        case "upper": ranges = [0x41...0x5A]
        case "word": return word
        case "xdigit": ranges = [0x30...0x39, 0x41...0x46, 0x61...0x66]
        default: return nil
        }
        return ScalarSet(ranges)
    }

    /// A class by the name of a general category, such as `L` or `Lu`; nil where there is none.
    static func category(_ name: String) -> ScalarSet? {
        if name == "Any" { return any }
        let known = Unicode.GeneralCategory.abbreviations.contains { $0 == name || $0.hasPrefix(name) }
        guard known, name.count <= 2 else { return nil }
        var set = ScalarSet()
        set.categories = [Category(name: name, isNegated: false)]
        return set
    }
}

extension Unicode.Scalar {
    /// The scalar in upper and lower case, where each is a single scalar.
    var caseVariants: [Unicode.Scalar] {
        [properties.lowercaseMapping, properties.uppercaseMapping].compactMap { text in
            text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
        }
    }

    fileprivate func hasCategory(_ name: String) -> Bool {
        properties.generalCategory.abbreviation.hasPrefix(name)
    }
}

extension Unicode.GeneralCategory {
    fileprivate static let abbreviations = [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
    ]

    /// The two letters that stand for the category.
    fileprivate var abbreviation: String {
        switch self {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        case .unassigned: "Cn"
        @unknown default: "Cn"
        }
    }
}
