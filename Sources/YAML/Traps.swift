/// Explains what libyaml finds, above all where an expression lacks the quotes that YAML needs.
enum Traps {
    /// A fault for an explicit tag.
    static func tag(_ tag: String, at place: Place, in source: SourceText) -> YAMLFault {
        let line = source.line(place.line)
        let written = line.dropFirst(place.column - 1).prefix { $0 != " " }
        guard written.starts(with: ["!", "!"]) || written.starts(with: ["!", "<"]) else {
            return bang(at: place, length: written.count)
        }
        return YAMLFault(
            line: place.line, column: place.column, length: written.count, code: .tag,
            message: "the tag `\(String(written))` is refused: values mean what they show; remove it")
    }

    /// A fault for a key that is no word.
    static func key(_ node: YAMLNode) -> YAMLFault {
        let message =
            node.isNull
            ? "a key is missing here; if the text begins with `:` or `?`, put it in quotes"
            : "a key must be a single word, and this is \(node.summary); if a value begins with `{{`, put it in quotes"
        return YAMLFault(line: node.line, column: node.column, length: node.length, code: .key, message: message)
    }

    /// A fault for text that libyaml cannot read.
    static func explain(_ problem: SyntaxProblem, in source: SourceText) -> YAMLFault {
        if let tab = tab(problem, in: source) { return tab }
        for number in [problem.place.line, problem.contextPlace.line, problem.place.line - 1] where number >= 1 {
            if let trap = expression(on: number, before: problem.place, in: source) { return trap }
        }
        if let character = forbiddenStart(problem, in: source) {
            return fault(
                at: problem.place, .syntax, "a value cannot begin with `\(character)`; put the whole value in quotes")
        }
        return plain(problem)
    }

    // MARK: - Traps of expressions

    /// Whether an unquoted value in flow style looks as if a comma had cut it: its parentheses do not match.
    static func isCutAtComma(_ text: String) -> Bool {
        text.utf8.count { $0 == UInt8(ascii: "(") } != text.utf8.count { $0 == UInt8(ascii: ")") }
    }

    /// Looks at the values on a line for one that YAML takes apart.
    private static func expression(on number: Int, before place: Place, in source: SourceText) -> YAMLFault? {
        let line = source.line(number)
        // A line that no person wrote needs no explanation, and looking for one takes quadratic time.
        guard line.count <= 1000 else { return nil }
        let starts = valueStarts(in: line)
        for start in starts {
            let at = Place(line: number, column: start + 1)
            let rest = line[start...]
            switch rest.first {
            case "!":
                return bang(at: at, length: rest.prefix { $0 != " " }.count)
            case "\"", "'":
                if let end = closingQuote(in: rest), goesOn(rest[(end + 1)...]) {
                    return fault(
                        at: at, .leadingQuote,
                        "YAML ends this value at its second quote; put the whole value in quotes of the other kind")
                }
            case "*", "&":
                return fault(
                    at: at, .anchor,
                    "YAML reads a leading `*` or `&` as an alias or anchor; "
                        + "put the whole value in quotes")
            default:
                continue
            }
        }
        let limit = number == place.line ? place.column : line.count + 1
        return starts.last { isConditional(line[$0...], limit: limit) }.map { start in
            fault(
                at: Place(line: number, column: start + 1), .conditional,
                "YAML takes `a ? b : c` apart at its colon; put the whole expression in quotes")
        }
    }

    /// The indices at which values begin on a line: after `- `, `: `, and inside braces and brackets.
    private static func valueStarts(in line: [Unicode.Scalar]) -> [Int] {
        var starts: [Int] = []
        var index = line.prefix { $0 == " " }.count
        var quote: Unicode.Scalar?
        var previous: Unicode.Scalar = "-"
        while index < line.count {
            let scalar = line[index]
            if quote != nil {
                if scalar == quote { quote = nil }
            } else if scalar == "#", index == 0 || line[index - 1] == " " {
                break
            } else if scalar != " ", "-:,{[".unicodeScalars.contains(previous) {
                if !(scalar == "-" && index + 1 < line.count && line[index + 1] == " ") { starts.append(index) }
                if scalar == "\"" || scalar == "'" { quote = scalar }
            }
            // `:` and `-` separate only before a space.
            if scalar != " " {
                let separates = scalar == "," || scalar == "{" || scalar == "["
                let beforeSpace = index + 1 < line.count && line[index + 1] == " "
                previous = separates || ((scalar == ":" || scalar == "-") && beforeSpace) ? scalar : "x"
            }
            index += 1
        }
        return starts
    }

    private static func closingQuote(in rest: ArraySlice<Unicode.Scalar>) -> Int? {
        guard let quote = rest.first else { return nil }
        var index = rest.startIndex + 1
        while index < rest.endIndex {
            if rest[index] == "\\", quote == "\"" {
                index += 2
            } else if rest[index] == quote {
                guard quote == "'", index + 1 < rest.endIndex, rest[index + 1] == "'" else { return index }
                index += 2
            } else {
                index += 1
            }
        }
        return nil
    }

    /// Whether text follows a closing quote that YAML does not allow there.
    private static func goesOn(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
        guard let next = rest.first(where: { $0 != " " }) else { return false }
        return !",}]:#".unicodeScalars.contains(next)
    }

    private static func isConditional(_ rest: ArraySlice<Unicode.Scalar>, limit: Int) -> Bool {
        let text = String(String.UnicodeScalarView(rest))
        guard let mark = text.firstRange(of: " ? "), let colon = text[mark.upperBound...].firstRange(of: ":") else {
            return false
        }
        return rest.startIndex + text.unicodeScalars.distance(from: text.startIndex, to: colon.lowerBound) <= limit
    }

    private static func bang(at place: Place, length: Int) -> YAMLFault {
        YAMLFault(
            line: place.line, column: place.column, length: length, code: .tag,
            message: "YAML reads a leading `!` as a tag, not as \"not\"; put the whole expression in single quotes")
    }

    // MARK: - Other faults

    private static func tab(_ problem: SyntaxProblem, in source: SourceText) -> YAMLFault? {
        let line = source.line(problem.place.line)
        let indent = line.prefix { $0 == " " || $0 == "\t" }
        let isAtTab = line.indices.contains(problem.place.column - 1) && line[problem.place.column - 1] == "\t"
        guard isAtTab || problem.problem.contains("tab character") || indent.contains("\t") else { return nil }
        let column = (line.firstIndex(of: "\t") ?? problem.place.column - 1) + 1
        return fault(
            at: Place(line: problem.place.line, column: column), .tab, "a tab may not indent; use spaces")
    }

    private static func forbiddenStart(_ problem: SyntaxProblem, in source: SourceText) -> Unicode.Scalar? {
        guard problem.problem.contains("cannot start any token") else { return nil }
        let line = source.line(problem.place.line)
        let index = problem.place.column - 1
        return line.indices.contains(index) ? line[index] : nil
    }

    private static func plain(_ problem: SyntaxProblem) -> YAMLFault {
        switch problem.problem {
        case "found unexpected end of stream":
            return fault(at: problem.contextPlace, .syntax, "the quote that opens here is never closed")
        case "could not find expected ':'":
            return fault(at: problem.contextPlace, .syntax, "a `key: value` was expected; the colon is missing")
        case "mapping values are not allowed in this context":
            return fault(
                at: problem.place, .syntax,
                "a colon may not stand here; put the value in quotes, or correct the indentation")
        case "did not find expected key":
            return fault(
                at: problem.place, .syntax,
                "a key was expected; the indentation may be wrong, or a value before this lacks quotes")
        case "did not find expected '-' indicator":
            return fault(
                at: problem.place, .syntax, "a further `- ` of the list was expected; the indentation may be wrong")
        case "did not find expected ',' or '}'", "did not find expected ',' or ']'":
            return fault(
                at: problem.place, .flow,
                "a comma or a closing bracket was expected; put a value that contains : , [ ] { or } in quotes")
        case "found unknown escape character":
            return fault(
                at: problem.place, .syntax, "unknown escape in double quotes; use single quotes, or write \\\\")
        case let text where text.contains("unexpected document indicator"):
            return fault(at: problem.contextPlace, .syntax, "the quote that opens here is never closed")
        case let text:
            let context = problem.context.map { "\($0): " } ?? ""
            return fault(at: problem.place, .syntax, "not valid YAML: \(context)\(text)")
        }
    }

    private static func fault(at place: Place, _ code: YAMLFault.Code, _ message: String) -> YAMLFault {
        YAMLFault(line: place.line, column: place.column, code: code, message: message)
    }
}

extension String {
    fileprivate init(_ scalars: ArraySlice<Unicode.Scalar>) {
        self.init(String.UnicodeScalarView(scalars))
    }
}
