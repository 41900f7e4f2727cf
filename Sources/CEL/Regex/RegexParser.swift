/// Reads a pattern in the syntax of RE2.
struct RegexParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var flags = Flags()
    private var depth = 0

    private struct Flags {
        var ignoresCase = false
        var isMultiline = false
        var dotMatchesNewline = false
    }

    private static let maximumDepth = 100
    /// RE2's own bound on a counted repetition.
    private static let maximumCount = 1000

    init(_ pattern: String) { scalars = Array(pattern.unicodeScalars) }

    mutating func pattern() throws(RegexError) -> RegexNode {
        let node = try choice()
        guard position == scalars.count else { throw RegexError(message: "unexpected ')'") }
        return node
    }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private mutating func take(_ text: String) -> Bool {
        guard scalars[position...].starts(with: text.unicodeScalars) else { return false }
        position += text.unicodeScalars.count
        return true
    }

    private mutating func choice() throws(RegexError) -> RegexNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw RegexError(message: "groups nested too deeply") }
        var branches = [try sequence()]
        while take("|" as Unicode.Scalar) { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(RegexError) -> RegexNode {
        var nodes: [RegexNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            if take("\\Q") {
                while position < scalars.count, !take("\\E") {
                    nodes.append(literal(scalars[position]))
                    position += 1
                }
                continue
            }
            guard let atom = try atom() else { continue }
            nodes.append(try repeated(atom))
        }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    // MARK: Repetition

    private mutating func repeated(_ atom: RegexNode) throws(RegexError) -> RegexNode {
        guard let (minimum, maximum) = try quantifier() else { return atom }
        // A lazy repetition matches the same texts as a greedy one.
        _ = take("?" as Unicode.Scalar)
        let start = position
        if try quantifier() != nil {
            position = start
            throw RegexError(message: "a repetition of a repetition needs a group")
        }
        return .repeated(atom, minimum: minimum, maximum: maximum)
    }

    private mutating func quantifier() throws(RegexError) -> (minimum: Int, maximum: Int?)? {
        switch next {
        case "*":
            position += 1
            return (0, nil)
        case "+":
            position += 1
            return (1, nil)
        case "?":
            position += 1
            return (0, 1)
        case "{": return try counts()
        default: return nil
        }
    }

    /// Reads `{n}`, `{n,}` or `{n,m}`; anything else in braces is literal text.
    private mutating func counts() throws(RegexError) -> (minimum: Int, maximum: Int?)? {
        let start = position
        position += 1
        guard let minimum = number() else {
            position = start
            return nil
        }
        var maximum: Int? = minimum
        if take("," as Unicode.Scalar) { maximum = number() }
        guard take("}" as Unicode.Scalar) else {
            position = start
            return nil
        }
        guard minimum <= Self.maximumCount, maximum ?? 0 <= Self.maximumCount, maximum ?? minimum >= minimum else {
            throw RegexError(message: "a repetition counts from 0 to \(Self.maximumCount), the smaller number first")
        }
        return (minimum, maximum)
    }

    private mutating func number() -> Int? {
        let start = position
        while let scalar = next, ("0"..."9").contains(scalar) { position += 1 }
        guard position > start else { return nil }
        return Int(scalars[start..<position].map(String.init).joined()) ?? .max
    }

    // MARK: Atoms

    private func literal(_ scalar: Unicode.Scalar) -> RegexNode {
        flags.ignoresCase ? .set(ScalarSet([scalar.value...scalar.value]).ignoringCase()) : .scalar(scalar)
    }

    /// Reads one atom; nil where there was none but a change of flags.
    private mutating func atom() throws(RegexError) -> RegexNode? {
        let scalar = scalars[position]
        position += 1
        switch scalar {
        case "(": return try group()
        case "[": return .set(try characterClass())
        case ".": return .set(flags.dotMatchesNewline ? .any : .anyButNewline)
        case "^": return .assert(flags.isMultiline ? .lineStart : .textStart)
        case "$": return .assert(flags.isMultiline ? .lineEnd : .textEnd)
        case "\\": return try escape()
        case "*", "+", "?": throw RegexError(message: "nothing to repeat before '\(scalar)'")
        default: return literal(scalar)
        }
    }

    private mutating func group() throws(RegexError) -> RegexNode? {
        let outer = flags
        if take("?" as Unicode.Scalar) {
            if take("P<") || take("<" as Unicode.Scalar) {
                while let scalar = next,
                    scalar.properties.isAlphabetic || scalar == "_" || ScalarSet.digit.contains(scalar)
                {
                    position += 1
                }
                guard take(">" as Unicode.Scalar) else { throw RegexError(message: "a bad name of a group") }
            } else if try !setFlags() {
                return nil
            }
        }
        let node = try choice()
        guard take(")" as Unicode.Scalar) else { throw RegexError(message: "a missing ')'") }
        flags = outer
        return node
    }

    /// Reads flags behind `(?`; false where they hold for the rest of the enclosing group, as in `(?i)`.
    private mutating func setFlags() throws(RegexError) -> Bool {
        var value = true
        while let scalar = next {
            position += 1
            switch scalar {
            case "i": flags.ignoresCase = value
            case "m": flags.isMultiline = value
            case "s": flags.dotMatchesNewline = value
            case "U": break
            case "-" where value: value = false
            case ":": return true
            case ")": return false
            default: throw RegexError(message: "an unsupported group '(?\(scalar)'")
            }
        }
        throw RegexError(message: "a missing ')'")
    }

    // MARK: Escapes

    private mutating func escape() throws(RegexError) -> RegexNode {
        guard let scalar = next else { throw RegexError(message: "a trailing '\\'") }
        switch scalar {
        case "A": return assertion(.textStart)
        case "z": return assertion(.textEnd)
        case "b": return assertion(.wordBoundary)
        case "B": return assertion(.noWordBoundary)
        default: break
        }
        if let set = try namedClass() { return .set(set) }
        return literal(try escapedScalar())
    }

    private mutating func assertion(_ assertion: RegexAssertion) -> RegexNode {
        position += 1
        return .assert(assertion)
    }

    /// Reads `d`, `W`, `pL`, `P{Lu}` … behind a backslash; nil where it is something else.
    private mutating func namedClass() throws(RegexError) -> ScalarSet? {
        guard let scalar = next else { return nil }
        let set: ScalarSet
        switch scalar {
        case "d", "D": set = .digit
        case "s", "S": set = .space
        case "w", "W": set = .word
        case "p", "P":
            position += 1
            let named = try category()
            return scalar == "P" ? named.negated() : named
        default: return nil
        }
        position += 1
        return ("A"..."Z").contains(scalar) ? set.negated() : set
    }

    private mutating func category() throws(RegexError) -> ScalarSet {
        var name = ""
        if take("{" as Unicode.Scalar) {
            while let scalar = next, scalar != "}" {
                name.unicodeScalars.append(scalar)
                position += 1
            }
            guard take("}" as Unicode.Scalar) else { throw RegexError(message: "a missing '}'") }
        } else if let scalar = next {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        let isNegated = name.hasPrefix("^")
        guard let set = ScalarSet.category(isNegated ? String(name.dropFirst()) : name) else {
            throw RegexError(message: "an unknown class \\p{\(name)}; general categories such as \\p{Lu} are known")
        }
        return isNegated ? set.negated() : set
    }

    private mutating func escapedScalar() throws(RegexError) -> Unicode.Scalar {
        guard let scalar = next else { throw RegexError(message: "a trailing '\\'") }
        position += 1
        switch scalar {
        case "a": return "\u{07}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{0B}"
        case "x": return try hexadecimal()
        case "0"..."7": return try octal(first: scalar)
        default:
            let isWord = ScalarSet.word.contains(scalar)
            guard scalar.isASCII, !isWord else { throw RegexError(message: "an unknown escape '\\\(scalar)'") }
            return scalar
        }
    }

    private mutating func octal(first: Unicode.Scalar) throws(RegexError) -> Unicode.Scalar {
        var value = first.value - 0x30
        var count = 1
        while count < 3, let digit = next, ("0"..."7").contains(digit) {
            value = value * 8 + digit.value - 0x30
            position += 1
            count += 1
        }
        guard first == "0" || count > 1, let scalar = Unicode.Scalar(value) else {
            throw RegexError(message: "a back-reference, which is not supported")
        }
        return scalar
    }

    private mutating func hexadecimal() throws(RegexError) -> Unicode.Scalar {
        let inBraces = take("{" as Unicode.Scalar)
        var value: UInt32 = 0
        var count = 0
        while count < (inBraces ? 6 : 2), let digit = next, digit.isASCII, let number = Character(digit).hexDigitValue {
            value = value * 16 + UInt32(number)
            position += 1
            count += 1
        }
        guard inBraces ? count > 0 && take("}" as Unicode.Scalar) : count == 2, let scalar = Unicode.Scalar(value)
        else {
            throw RegexError(message: "a bad escape '\\x'")
        }
        return scalar
    }

    // MARK: Classes

    private mutating func characterClass() throws(RegexError) -> ScalarSet {
        var set = ScalarSet()
        let isNegated = take("^" as Unicode.Scalar)
        var isFirst = true
        while true {
            guard let scalar = next else { throw RegexError(message: "a missing ']'") }
            if scalar == "]", !isFirst {
                position += 1
                break
            }
            isFirst = false
            if take("[:") {
                set.insert(try posixClass())
                continue
            }
            if scalar == "\\" {
                position += 1
                if let named = try namedClass() {
                    set.insert(named)
                    continue
                }
                position -= 1
            }
            set.insert(try range())
        }
        if flags.ignoresCase { set = set.ignoringCase() }
        return isNegated ? set.negated() : set
    }

    private mutating func posixClass() throws(RegexError) -> ScalarSet {
        let isNegated = take("^" as Unicode.Scalar)
        var name = ""
        while let scalar = next, ("a"..."z").contains(scalar) {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard take(":]"), let set = ScalarSet.posix(name) else {
            throw RegexError(message: "an unknown class [:\(name):]")
        }
        return isNegated ? set.negated() : set
    }

    private mutating func range() throws(RegexError) -> ClosedRange<UInt32> {
        let first = try classScalar()
        guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
            return first.value...first.value
        }
        position += 1
        let last = try classScalar()
        guard first.value <= last.value else {
            throw RegexError(message: "a range from '\(first)' down to '\(last)'")
        }
        return first.value...last.value
    }

    private mutating func classScalar() throws(RegexError) -> Unicode.Scalar {
        guard let scalar = next else { throw RegexError(message: "a missing ']'") }
        position += 1
        return scalar == "\\" ? try escapedScalar() : scalar
    }
}
