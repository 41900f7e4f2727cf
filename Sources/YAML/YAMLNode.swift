/// A value of a YAML document together with the place where it stands.
///
/// Every node was written where it is found: anchors, aliases and tags are refused when reading.
public struct YAMLNode: Sendable {
    /// What a node holds.
    public enum Content: Sendable {
        /// A single value.
        case scalar(YAMLScalar)
        /// A list.
        case sequence([YAMLNode])
        /// A map from words to values, in the order of the file.
        case mapping(YAMLMapping)
    }

    /// The line on which the node begins, from 1.
    public let line: Int
    /// The column in which the node begins, from 1, in Unicode scalars.
    public let column: Int
    /// How many columns the node covers on its first line; at least 1.
    public let length: Int
    /// What the node holds.
    public let content: Content

    /// The scalar, if the node is one.
    public var scalar: YAMLScalar? {
        if case .scalar(let scalar) = content { return scalar }
        return nil
    }

    /// The elements, if the node is a list.
    public var sequence: [YAMLNode]? {
        if case .sequence(let elements) = content { return elements }
        return nil
    }

    /// The entries, if the node is a map.
    public var mapping: YAMLMapping? {
        if case .mapping(let mapping) = content { return mapping }
        return nil
    }

    /// Whether the node is a scalar that stands for null.
    public var isNull: Bool { scalar?.value == .null }

    /// The text of a scalar that is a string by the core schema.
    public var string: String? {
        if case .string(let text)? = scalar?.value { return text }
        return nil
    }

    /// What the node is, in words that suit a message: `a list`, `the number 3`, `the text "x"`.
    public var summary: String {
        switch content {
        case .sequence: "a list"
        case .mapping: "a map"
        case .scalar(let scalar): scalar.summary
        }
    }

    /// The value under `key`, if the node is a map that has it.
    public subscript(key: String) -> YAMLNode? { mapping?[key] }
}

/// The entries of a map, in the order of the file, each key once.
public struct YAMLMapping: Sendable, RandomAccessCollection {
    /// A key and its value.
    public struct Entry: Sendable {
        /// The text of the key.
        public let key: String
        /// The key as a node, for its place.
        public let keyNode: YAMLNode
        /// The value.
        public let value: YAMLNode
    }

    private let entries: [Entry]
    /// Whether the map is written with braces.
    public let isFlow: Bool

    init(entries: [Entry], isFlow: Bool) {
        self.entries = entries
        self.isFlow = isFlow
    }

    /// The index of the first entry.
    public var startIndex: Int { 0 }
    /// The index after the last entry.
    public var endIndex: Int { entries.count }
    /// The entry at `position`.
    public subscript(position: Int) -> Entry { entries[position] }
    /// The value under `key`.
    public subscript(key: String) -> YAMLNode? { entries.first { $0.key == key }?.value }
    /// The keys in the order of the file.
    public var keys: [String] { entries.map(\.key) }
}
