/// What the checker knows of a value before it exists.
public indirect enum CELType: Sendable, Hashable {
    /// Anything; checked when evaluated.
    case dyn
    case null, bool, int, uint, double, string, bytes, timestamp, duration
    /// A type as a value, such as what `type(x)` yields.
    case type
    case list(CELType)
    case map(CELType, CELType)
    /// Named fields; to read any other is a fault.
    case record(RecordType)
    /// A string that is one of these; to compare it with any other is a fault.
    case enumeration([String])
    /// Such a value, or null.
    case nullable(CELType)
    /// A type that a function's arguments decide: wherever it has the same name it is the same.
    case parameter(String)
}

/// The fields of a record.
public struct RecordType: Sendable, Hashable {
    /// One field.
    public struct Field: Sendable, Hashable {
        /// What the field holds.
        public let type: CELType
        /// Whether it may be unset, so that only `has()` makes it safe to read.
        public let isOptional: Bool

        /// A field of this type.
        public init(_ type: CELType, isOptional: Bool = false) {
            self.type = type
            self.isOptional = isOptional
        }
    }

    /// What messages call a record of this type, such as `data`.
    public let name: String
    /// The fields by name.
    public let fields: [String: Field]

    /// A record of this name with these fields.
    public init(_ name: String, fields: [String: Field]) {
        self.name = name
        self.fields = fields
    }
}

extension CELType: CustomStringConvertible {
    /// The type as messages name it, such as `list(string)`.
    public var description: String {
        switch self {
        case .dyn: "dyn"
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string, .enumeration: "string"
        case .bytes: "bytes"
        case .timestamp: "timestamp"
        case .duration: "duration"
        case .type: "type"
        case .list(let element): "list(\(element))"
        case .map(let key, let value): "map(\(key), \(value))"
        case .record(let record): record.name
        case .nullable(let type): "\(type) or null"
        case .parameter(let name): name
        }
    }
}

extension CELType {
    /// Whether a value of this type may stand where `other` is asked for; `dyn` may stand anywhere.
    public func isAssignable(to other: CELType) -> Bool {
        switch (self, other) {
        case (.dyn, _), (_, .dyn): true
        case (.null, .nullable): true
        case (.nullable(let own), .nullable(let other)): own.isAssignable(to: other)
        case (_, .nullable(let other)): isAssignable(to: other)
        case (.nullable(let own), _): own.isAssignable(to: other)
        case (.enumeration, .string), (.string, .enumeration): true
        case (.enumeration(let own), .enumeration(let other)): !Set(own).isDisjoint(with: other)
        case (.list(let own), .list(let other)): own.isAssignable(to: other)
        case (.map(let ownKey, let own), .map(let key, let other)):
            ownKey.isAssignable(to: key) && own.isAssignable(to: other)
        case (.record(let own), .record(let other)):
            own == other || other.accepts { own.fields[$0].map(\.type) }
        case (.record(let own), .map(let key, let value)):
            CELType.string.isAssignable(to: key) && own.fields.values.allSatisfy { $0.type.isAssignable(to: value) }
        case (.map(let key, let value), .record(let other)):
            key.isAssignable(to: .string) && other.accepts { _ in value }
        default: self == other
        }
    }

    /// The type of a value that has either type; `dyn` where they have nothing in common.
    public func joined(_ other: CELType) -> CELType {
        if self == other { return self }
        switch (self, other) {
        case (.null, .nullable), (.nullable, .null): return self == .null ? other : self
        case (.null, let type), (let type, .null): return type == .dyn ? .dyn : .nullable(type)
        case (.nullable(let own), .nullable(let other)): return .nullable(own.joined(other))
        case (.nullable(let own), let other), (let other, .nullable(let own)): return .nullable(own.joined(other))
        case (.enumeration(let own), .enumeration(let other)):
            return .enumeration(own + other.filter { !own.contains($0) })
        case (.enumeration, .string), (.string, .enumeration): return .string
        case (.list(let own), .list(let other)): return .list(own.joined(other))
        case (.map(let ownKey, let own), .map(let key, let other)):
            return .map(ownKey.joined(key), own.joined(other))
        default: return .dyn
        }
    }

    /// Whether it is not known, or that of its elements or entries is not.
    var isPartlyUnknown: Bool {
        switch self {
        case .dyn: true
        case .list(let element), .nullable(let element): element.isPartlyUnknown
        case .map(let key, let value): key.isPartlyUnknown || value.isPartlyUnknown
        default: false
        }
    }

    /// The type without the possibility of null.
    var unwrapped: CELType { if case .nullable(let type) = self { type.unwrapped } else { self } }
}

extension RecordType {
    /// Whether each field gets a value of its type, as far as it is not optional.
    fileprivate func accepts(_ type: (String) -> CELType?) -> Bool {
        fields.allSatisfy { name, field in type(name).map { $0.isAssignable(to: field.type) } ?? field.isOptional }
    }
}
