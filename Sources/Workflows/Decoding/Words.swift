import CEL
import Deadlines
import YAML

/// What names may look like.
enum NamePattern {
    /// A name that expressions use: letters, digits and underscores.
    case identifier
    /// A name that expressions do not use: hyphens may join its words.
    case hyphenated
    /// The name of a workflow: small letters, digits and hyphens.
    case workflow
    /// The prefix of references: capital letters and digits.
    case reference
    /// The identifier of something of law: words joined by dots and hyphens.
    case dotted

    private static let reserved: Set<String> = [
        "in", "true", "false", "null", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
        "let", "loop", "package", "namespace", "return", "var", "void", "while",
    ]

    var description: String {
        switch self {
        case .identifier: "a letter, then letters, digits or `_`, at most 64, and no word reserved by CEL"
        case .hyphenated: "a letter, then letters, digits, `_` or `-`, at most 64"
        case .workflow: "a small letter, then small letters, digits or `-`, at most 64"
        case .reference: "two to eight capital letters or digits, a letter first"
        case .dotted: "a letter, then letters, digits, `_`, `-` or `.`, at most 64"
        }
    }

    func matches(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, first.isASCII, first.properties.isAlphabetic else { return false }
        let count = name.unicodeScalars.count
        func all(_ extra: String, _ letters: (Unicode.Scalar) -> Bool) -> Bool {
            name.unicodeScalars.allSatisfy {
                letters($0) || ("0"..."9").contains($0) || extra.unicodeScalars.contains($0)
            }
        }
        func isLetter(_ scalar: Unicode.Scalar) -> Bool { scalar.isASCII && scalar.properties.isAlphabetic }
        switch self {
        case .identifier: return count <= 64 && all("_", isLetter) && !Self.reserved.contains(name)
        case .hyphenated: return count <= 64 && all("_-", isLetter)
        case .dotted: return count <= 64 && all("_-.", isLetter)
        case .workflow: return count <= 64 && all("-") { ("a"..."z").contains($0) } && ("a"..."z").contains(first)
        case .reference:
            return (2...8).contains(count) && all("") { ("A"..."Z").contains($0) } && ("A"..."Z").contains(first)
        }
    }
}

// Reading of single values; each reports what does not fit.
extension DefinitionDecoder {
    /// More of a kind than anyone can oversee; it bounds what checking costs.
    private static let mostNames = 500

    func wrongKind(_ element: Element, _ expected: String) {
        log.report(
            .wrongKind, at: element.position, length: element.length, "this is \(element.node.summary)",
            expected: expected)
    }

    func invalid(_ element: Element, _ message: String, expected: String? = nil, suggestion: String? = nil) {
        log.report(
            .invalidValue, at: element.position, length: element.length, message, expected: expected,
            suggestion: suggestion)
    }

    func invalidName(_ name: String, _ element: Element, _ pattern: NamePattern) {
        log.report(
            .invalidName, at: element.position, length: element.length, "`\(name)` is no name here",
            expected: pattern.description)
    }

    /// A text that is no expression, such as a title.
    func text(_ element: Element) -> String? {
        guard let text = element.node.string else {
            wrongKind(element, "a text; put it in quotes")
            return nil
        }
        warnOfBoolean(element)
        return text
    }

    /// A single word or name.
    func word(_ element: Element, _ expected: String) -> String? {
        guard let text = element.node.string, !text.isEmpty else {
            wrongKind(element, expected)
            return nil
        }
        warnOfBoolean(element)
        return text
    }

    func warnOfBoolean(_ element: Element) {
        guard let scalar = element.node.scalar, scalar.isBooleanInYAML11 else { return }
        log.report(
            .yamlBoolean, at: element.position, length: element.length,
            "`\(scalar.text)` is a text here, but true or false to tools that read YAML 1.1; put it in quotes")
    }

    /// One word or a list of words.
    func names(_ element: Element, _ expected: String) -> [String] {
        guard element.node.mapping == nil else {
            wrongKind(element, "a list, each element \(expected)")
            return []
        }
        var seen: Set<String> = []
        return element.elements.compactMap { item in
            guard let name = word(item, expected) else { return nil }
            guard seen.insert(name).inserted else {
                log.report(.duplicateName, at: item.position, length: item.length, "`\(name)` stands here twice")
                return nil
            }
            return name
        }
    }

    func boolean(_ element: Element) -> Bool? {
        if case .bool(let value)? = element.node.scalar?.value { return value }
        if let scalar = element.node.scalar, scalar.isBooleanInYAML11 {
            let value = ["y", "yes", "on"].contains(scalar.text.lowercased())
            log.report(
                .yamlBoolean, at: element.position, length: element.length,
                "`\(scalar.text)` is a text in YAML 1.2, not a truth value", expected: "`true` or `false`",
                suggestion: value ? "true" : "false")
            return nil
        }
        wrongKind(element, "`true` or `false`")
        return nil
    }

    func integer(_ element: Element, _ range: ClosedRange<Int>) -> Int? {
        guard case .int(let value)? = element.node.scalar?.value else {
            wrongKind(element, "a whole number")
            return nil
        }
        guard let number = Int(exactly: value), range.contains(number) else {
            invalid(element, "\(value) is out of range", expected: "\(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    func number(_ element: Element) -> Double? {
        switch element.node.scalar?.value {
        case .int(let value)?: return Double(value)
        case .double(let value)? where value.isFinite: return value
        default:
            wrongKind(element, "a number")
            return nil
        }
    }

    /// One of a few words.
    func choice<Value: RawRepresentable & CaseIterable>(_ element: Element, _ type: Value.Type) -> Value?
    where Value.RawValue == String {
        let words = Value.allCases.map(\.rawValue)
        guard let text = word(element, "one of \(Spelling.list(words))") else { return nil }
        guard let value = Value(rawValue: text) else {
            invalid(
                element, "`\(text)` is not known here", expected: "one of \(Spelling.list(words))",
                suggestion: Spelling.nearest(to: text, among: words))
            return nil
        }
        return value
    }

    /// An ISO 8601 duration that does not go backwards.
    func period(_ element: Element, allowsZero: Bool = false) -> Period? {
        guard let text = element.node.string else {
            wrongKind(element, "an ISO 8601 duration such as `PT30M` or `P14D`")
            return nil
        }
        do throws(DeadlineError) {
            let period = try Period(text)
            let parts = [period.years, period.months, period.weeks, period.days]
            guard parts.allSatisfy({ $0 >= 0 }), period.microseconds >= 0, allowsZero || !period.isZero else {
                invalid(element, "`\(text)` is \(period.isZero ? "empty" : "negative")", expected: "a length of time")
                return nil
            }
            return period
        } catch {
            invalid(
                element, "`\(text)` is no duration",
                expected: "an ISO 8601 duration such as `PT30M` for minutes or `P14D` for days")
            return nil
        }
    }

    /// The entries of a map of names, each name well formed and not empty.
    func named(_ element: Element?, _ kind: String, pattern: NamePattern = .identifier) -> [NamedElement] {
        guard let element else { return [] }
        guard element.node.mapping != nil || element.united != nil else {
            wrongKind(element, "a map from the name of each \(kind) to what it is")
            return []
        }
        let entries = element.entries
        guard entries.count <= Self.mostNames else {
            invalid(
                element,
                "there are \(entries.count) names here, and a definition has at most \(Self.mostNames) of a kind")
            return []
        }
        for entry in entries where !pattern.matches(entry.name) {
            invalidName(entry.name, entry.key, pattern)
        }
        return entries
    }
}
