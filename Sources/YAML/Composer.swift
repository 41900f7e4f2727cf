/// Builds the tree of a document from its events and collects what is wrong with it.
struct Composer: ~Copyable {
    private(set) var faults: [YAMLFault] = []
    private let source: SourceText
    private var stream: EventStream
    private let depth: Int

    /// Ends composing; the fault that caused it is already recorded.
    private struct Stop: Error {}

    init(source: SourceText, stream: consuming EventStream, depth: Int) {
        self.source = source
        self.stream = stream
        self.depth = depth
    }

    /// The root of the only document; nil when the text is not YAML or holds nothing.
    mutating func document() -> YAMLNode? {
        do throws(Stop) {
            let start = try next()
            guard case .documentStart(let version, let tagDirectives) = start.kind else {
                record(.empty, at: Place(line: 1, column: 1), "the file is empty")
                return nil
            }
            refuse(version: version, tagDirectives: tagDirectives, at: start.start)
            let root = try node(from: next(), level: 0)
            _ = try next()
            let end = try next()
            if case .documentStart = end.kind {
                record(
                    .documents, at: end.start, length: 3, "a second document begins here; put it in a file of its own")
            }
            return root
        } catch {
            return nil
        }
    }

    private mutating func refuse(version: (major: Int, minor: Int)?, tagDirectives: Bool, at place: Place) {
        if let version, version != (1, 2) {
            let found = "%YAML \(version.major).\(version.minor)"
            record(
                .directive, at: place, length: 5, "`\(found)` is refused: files are read as YAML 1.2; remove the line")
        }
        if tagDirectives {
            record(.directive, at: place, length: 4, "a `%TAG` directive is refused, as tags are; remove the line")
        }
    }

    private mutating func node(from event: Event, level: Int, inFlow: Bool = false) throws(Stop) -> YAMLNode {
        if let anchor = event.anchor {
            let message =
                "the anchor `&\(anchor)` is refused: write the value out where it is needed, "
                + "or put the text in quotes"
            record(.anchor, at: event.start, length: anchor.unicodeScalars.count + 1, message)
        }
        if let tag = event.tag { record(Traps.tag(tag, at: event.start, in: source)) }
        switch event.kind {
        case .alias(let name):
            let message = "the alias `*\(name)` is refused: write the value out, or put the text in quotes"
            record(.anchor, at: event.start, length: name.unicodeScalars.count + 1, message)
            return YAMLNode(absentAt: event.start)
        case .scalar(let text, let style):
            return scalar(text, style, event, inFlow: inFlow)
        case .sequenceStart(let isFlow):
            try deepen(level, at: event.start)
            return try sequence(event, isFlow: isFlow, level: level + 1)
        case .mappingStart(let isFlow):
            try deepen(level, at: event.start)
            return try mapping(event, isFlow: isFlow, level: level + 1)
        case .documentStart, .documentEnd, .streamEnd, .sequenceEnd, .mappingEnd:
            return YAMLNode(absentAt: event.start)
        }
    }

    private mutating func deepen(_ level: Int, at place: Place) throws(Stop) {
        guard level < depth else {
            record(.depth, at: place, "lists and maps may stand at most \(depth) deep inside each other")
            throw Stop()
        }
    }

    private mutating func scalar(_ text: String, _ style: YAMLScalar.Style, _ event: Event, inFlow: Bool) -> YAMLNode {
        let length = event.start.line == event.end.line ? event.end.column - event.start.column : 1
        var value = YAMLScalar.Value.string(text)
        if style == .plain {
            if inFlow, Traps.isCutAtComma(text) {
                let message = "YAML ends a value inside { } or [ ] at a comma; put the whole value in quotes"
                record(.flow, at: event.start, length: length, message)
            }
            if let resolved = YAMLScalar.Value.resolve(plain: text) {
                value = resolved
            } else {
                record(.number, at: event.start, length: length, "\(text) is beyond what a 64-bit number can hold")
            }
        }
        let layout = YAMLScalar.Layout(text: text, style: style, start: event.start, end: event.end, source: source)
        let scalar = YAMLScalar(text: text, style: style, value: value, layout: layout)
        return YAMLNode(
            line: event.start.line, column: event.start.column, length: max(1, length), content: .scalar(scalar))
    }

    private mutating func sequence(_ start: Event, isFlow: Bool, level: Int) throws(Stop) -> YAMLNode {
        var elements: [YAMLNode] = []
        while true {
            let event = try next()
            if case .sequenceEnd = event.kind { break }
            elements.append(try node(from: event, level: level, inFlow: isFlow))
        }
        return YAMLNode(
            line: start.start.line, column: start.start.column, length: 1, content: .sequence(elements))
    }

    private mutating func mapping(_ start: Event, isFlow: Bool, level: Int) throws(Stop) -> YAMLNode {
        var entries: [YAMLMapping.Entry] = []
        var seen: [String: Int] = [:]
        while true {
            let event = try next()
            if case .mappingEnd = event.kind { break }
            let keyNode = try node(from: event, level: level, inFlow: isFlow)
            let value = try node(from: next(), level: level, inFlow: isFlow)
            guard let scalar = keyNode.scalar, scalar.value != .null || scalar.isQuoted else {
                record(Traps.key(keyNode))
                continue
            }
            if let first = seen.updateValue(keyNode.line, forKey: scalar.text) {
                let message = "`\(scalar.text)` stands here for the second time; the first is on line \(first)"
                record(.duplicateKey, at: event.start, length: keyNode.length, message)
                continue
            }
            entries.append(.init(key: scalar.text, keyNode: keyNode, value: value))
        }
        return YAMLNode(
            line: start.start.line, column: start.start.column, length: 1,
            content: .mapping(YAMLMapping(entries: entries, isFlow: isFlow)))
    }

    private mutating func next() throws(Stop) -> Event {
        do throws(SyntaxProblem) {
            return try stream.next()
        } catch {
            record(Traps.explain(error, in: source))
            throw Stop()
        }
    }

    private mutating func record(_ code: YAMLFault.Code, at place: Place, length: Int = 1, _ message: String) {
        record(YAMLFault(line: place.line, column: place.column, length: length, code: code, message: message))
    }

    private mutating func record(_ fault: YAMLFault) {
        faults.append(fault)
    }
}

extension YAMLNode {
    /// Stands for a value that was refused.
    fileprivate init(absentAt place: Place) {
        let layout = YAMLScalar.Layout.verbatim(line: place.line, column: place.column)
        self.init(
            line: place.line, column: place.column, length: 1,
            content: .scalar(YAMLScalar(text: "", style: .plain, value: .null, layout: layout)))
    }
}

extension YAMLScalar.Layout {
    fileprivate init(text: String, style: YAMLScalar.Style, start: Place, end: Place, source: SourceText) {
        switch style {
        case .plain where start.line == end.line:
            self = .verbatim(line: start.line, column: start.column)
        case .singleQuoted where start.line == end.line, .doubleQuoted where start.line == end.line:
            let count = text.unicodeScalars.count
            if end.column - start.column - 2 == count {
                self = .verbatim(line: start.line, column: start.column + 1)
            } else {
                let line = source.line(start.line)
                let columns = YAMLScalar.Layout.columns(of: line, from: start.column, to: end.column - 1)
                self = .escaped(line: start.line, columns: columns)
            }
        case .literal:
            // The content's indentation is that of its first line that is not blank.
            var number = start.line + 1
            while number < source.lineCount, source.line(number).allSatisfy({ $0 == " " }) { number += 1 }
            let indent = source.line(number).prefix { $0 == " " }.count
            self = .block(line: start.line + 1, column: indent + 1)
        default:
            self = .folded(line: start.line, column: start.column)
        }
    }

    /// The columns of the scalars that a quoted text on one line resolves to, and that of its closing quote.
    private static func columns(of line: [Unicode.Scalar], from opening: Int, to closing: Int) -> [Int] {
        var columns: [Int] = []
        guard opening >= 1, opening <= line.count else { return [opening] }
        let quote = line[opening - 1]
        var index = opening
        while index < min(closing - 1, line.count) {
            columns.append(index + 1)
            if quote == "'" {
                index += line[index] == "'" ? 2 : 1
            } else if line[index] == "\\", index + 1 < line.count {
                let digits: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]
                index += 2 + (digits[line[index + 1]] ?? 0)
            } else {
                index += 1
            }
        }
        columns.append(closing)
        return columns
    }
}
