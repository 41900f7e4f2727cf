import CEL
import YAML

extension Formula {
    /// The place in the file of a stretch of the expression, with its length in columns.
    public func place(of range: CEL.SourceRange) -> (position: SourcePosition, length: Int) {
        let inner = expression.position(of: range)
        return (position(line: inner.line, column: inner.column), inner.length)
    }

    /// The place in the file of a line and column of the expression, both from 1.
    ///
    /// Lines after the first begin in the same column as the first, as they do in a block after `|`.
    func position(line: Int, column: Int) -> SourcePosition {
        SourcePosition(file: position.file, line: position.line + line - 1, column: position.column + column - 1)
    }
}

extension DefinitionDecoder {
    /// An expression; a text in single or double quotes, a block, or anything that YAML takes for a single value.
    func formula(_ element: Element) -> Formula? {
        guard let scalar = element.node.scalar, !scalar.isAbsent else {
            let hint = element.node.mapping?.isFlow == true || element.node.sequence != nil
            wrongKind(element, "a CEL expression" + (hint ? "; one that begins with { or [ needs quotes" : ""))
            return nil
        }
        let start = scalar.position(line: 1, column: 1)
        // A block ends with a line break, and "the end" of an expression is before it.
        let text = String(scalar.text.reversed().drop { $0.isWhitespace }.reversed())
        return formula(
            text, at: SourcePosition(file: element.file, line: start.line, column: start.column)
        ) { line, column in
            let place = scalar.position(line: line, column: column)
            return SourcePosition(file: element.file, line: place.line, column: place.column)
        }
    }

    private func formula(
        _ text: String, at position: SourcePosition, place: (Int, Int) -> SourcePosition
    ) -> Formula? {
        do throws(CELSyntaxError) {
            return Formula(source: text, position: position, expression: try CEL.Expression(parsing: text))
        } catch {
            log.report(
                .invalidExpression, at: place(error.line, error.column), length: error.length, error.message)
            return nil
        }
    }

    /// A text with `{{CEL}}` in it.
    func template(_ element: Element) -> Template? {
        guard let scalar = element.node.scalar, let text = self.text(element) else { return nil }
        var segments: [Template.Segment] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "{{") {
            if open.lowerBound > rest.startIndex { segments.append(.text(String(rest[..<open.lowerBound]))) }
            let (line, column) = place(of: open.upperBound, in: text)
            func filePlace(_ innerLine: Int, _ innerColumn: Int) -> SourcePosition {
                let place = scalar.position(
                    line: line + innerLine - 1, column: innerLine == 1 ? column + innerColumn - 1 : innerColumn)
                return SourcePosition(file: element.file, line: place.line, column: place.column)
            }
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
                log.report(
                    .invalidExpression, at: filePlace(1, 1), "the `{{` before this is never closed by `}}`")
                return nil
            }
            let source = String(rest[open.upperBound..<close.lowerBound])
            if let formula = formula(source, at: filePlace(1, 1), place: filePlace) {
                segments.append(.formula(formula))
            }
            rest = rest[close.upperBound...]
        }
        if !rest.isEmpty { segments.append(.text(String(rest))) }
        return Template(segments: segments, source: text, position: element.position)
    }

    private func place(of index: String.Index, in text: String) -> (line: Int, column: Int) {
        let before = text.unicodeScalars[..<index]
        let line = before.count { $0 == "\n" } + 1
        let column = before.reversed().prefix { $0 != "\n" }.count + 1
        return (line, column)
    }

    /// A fixed text as a template, for titles made from names.
    func template(titled name: String, at position: SourcePosition) -> Template {
        let title = Spelling.title(of: name)
        return Template(segments: [.text(title)], source: title, position: position)
    }

    /// `{ compute: CEL }`, or nil for anything else.
    func computed(_ element: Element) -> Formula?? {
        guard let mapping = element.node.mapping, mapping.keys == ["compute"] else { return nil }
        return .some(Element(node: mapping[0].value, file: element.file).formulaOnly(self))
    }

    /// A name that may also be computed.
    func choosableName(_ element: Element, _ expected: String) -> Choosable<String>? {
        if let formula = computed(element) { return formula.map { .computed($0) } }
        return word(element, "\(expected) or `{ compute: CEL }`").map { .fixed($0) }
    }

    /// A map from names to expressions; a bare `null` stands for itself where `allowsNull`.
    func assignments(_ element: Element?, _ kind: String, allowsNull: Bool = false) -> [Definition.Assignment] {
        guard let element else { return [] }
        guard element.node.mapping != nil else {
            wrongKind(element, "a map from \(kind) to expressions")
            return []
        }
        return element.entries.compactMap { entry in
            if allowsNull, let scalar = entry.value.node.scalar, scalar.value == .null, !scalar.isAbsent {
                return Definition.Assignment(name: entry.name, value: nil, position: entry.key.position)
            }
            return formula(entry.value).map {
                Definition.Assignment(name: entry.name, value: $0, position: entry.key.position)
            }
        }
    }
}

extension Element {
    fileprivate func formulaOnly(_ decoder: DefinitionDecoder) -> Formula? { decoder.formula(self) }
}
