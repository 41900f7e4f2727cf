import JSON
import YAML

/// A node with the file it stands in.
struct Element {
    let node: YAMLNode
    let file: String
    /// The entries of a map that was united from several files; nil for what stands in one file.
    private(set) var united: [NamedElement]?

    init(node: YAMLNode, file: String) {
        self.node = node
        self.file = file
    }

    /// The same map with these entries, which may come from other files.
    func uniting(_ entries: [NamedElement]) -> Element {
        var element = self
        element.united = entries
        return element
    }

    var position: SourcePosition { SourcePosition(file: file, line: node.line, column: node.column) }
    var length: Int { node.length }

    /// The elements of a list; the element itself, if it is no list, where one word may stand for a list of one.
    var elements: [Element] {
        node.sequence?.map { Element(node: $0, file: file) } ?? [self]
    }

    /// The entries of a map in the order of the file; none for anything else.
    var entries: [NamedElement] {
        united ?? node.mapping?.map { entry in
            NamedElement(
                name: entry.key, key: Element(node: entry.keyNode, file: file),
                value: Element(node: entry.value, file: file))
        } ?? []
    }

    /// The value written down, as JSON.
    var json: JSON {
        switch node.content {
        case .sequence(let elements):
            return .array(elements.map { Element(node: $0, file: file).json })
        case .mapping:
            return .object(JSONObject(entries.map { ($0.name, $0.value.json) }))
        case .scalar(let scalar):
            switch scalar.value {
            case .null: return .null
            case .bool(let value): return .bool(value)
            case .int(let value): return .int(value)
            case .double(let value): return .double(value)
            case .string(let value): return .string(value)
            }
        }
    }
}

/// A key of a map and what stands under it.
struct NamedElement {
    let name: String
    let key: Element
    let value: Element
}

/// A map whose keys are words of the language.
struct Record {
    let element: Element
    private let values: [String: Element]

    /// Reads a map; reports a value of another kind, keys that are unknown and keys with nothing after them.
    ///
    /// - Parameter kind: what the map is, for messages: `an event`.
    init?(_ element: Element, _ kind: String, keys: [String], log: FaultLog) {
        guard element.node.mapping != nil else {
            log.report(
                .wrongKind, at: element.position, length: element.length,
                "\(kind) is a map, and this is \(element.node.summary)",
                expected: "keys such as \(Spelling.list(Array(keys.prefix(4))))")
            return nil
        }
        self.init(element, entries: element.entries, kind, keys: keys, log: log)
    }

    /// Reads entries that have been united from several files.
    init(_ element: Element, entries: [NamedElement], _ kind: String, keys: [String], log: FaultLog) {
        self.element = element
        var values: [String: Element] = [:]
        for entry in entries {
            guard keys.contains(entry.name) else {
                let suggestion = Spelling.nearest(to: entry.name, among: keys)
                log.report(
                    .unknownKey, at: entry.key.position, length: entry.key.length,
                    "\(kind) has no key `\(entry.name)`",
                    expected: suggestion == nil ? "one of \(Spelling.list(keys))" : nil, suggestion: suggestion)
                continue
            }
            if entry.value.node.scalar?.isAbsent == true {
                log.report(
                    .missingValue, at: entry.key.position, length: entry.key.length,
                    "nothing stands after `\(entry.name):`; write a value or remove the key")
                continue
            }
            values[entry.name] = entry.value
        }
        self.values = values
    }

    subscript(key: String) -> Element? { values[key] }

    var position: SourcePosition { element.position }
}
