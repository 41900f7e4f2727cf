import JSON

/// A value of the Common Expression Language.
public enum Value: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case timestamp(Timestamp)
    case duration(Span)
    case list([Value])
    case map(MapValue)
    case type(TypeValue)
    /// A record that the host resolves field by field.
    case object(any CELObject)
}

/// A type as a value: what `type(x)` yields and what the names `int`, `string` … stand for.
public struct TypeValue: Sendable, Hashable {
    /// The name in CEL, such as `int`, `list` or `google.protobuf.Timestamp`.
    public let name: String

    /// A type of this name.
    public init(_ name: String) { self.name = name }
}

/// A record of the host whose fields are read only when an expression asks for them.
public protocol CELObject: AnyObject, Sendable {
    /// The value of a field; nil where it is not set or does not exist.
    func member(_ name: String) -> Value?

    /// Whether the field is set, as `has()` asks.
    func hasMember(_ name: String) -> Bool

    /// The names of the fields that are set, for macros, `in` and `size()`; nil where they cannot be listed.
    var memberNames: [String]? { get }

    /// Whether `==` holds; by default only for the same object.
    func isEqual(to other: any CELObject) -> Bool
}

extension CELObject {
    /// Whether the field has a value.
    public func hasMember(_ name: String) -> Bool { member(name) != nil }

    /// Not listable.
    public var memberNames: [String]? { nil }

    /// Whether both are one object.
    public func isEqual(to other: any CELObject) -> Bool { self === other }
}

extension Value {
    /// The type of the value, as `type(x)` yields it.
    public var type: TypeValue {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        case .timestamp: .timestamp
        case .duration: .duration
        case .list: .list
        case .map, .object: .map
        case .type: .type
        }
    }

    /// The boolean, or nil for any other type.
    public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The signed integer, or nil for any other type.
    public var intValue: Int64? { if case .int(let value) = self { value } else { nil } }

    /// The string, or nil for any other type.
    public var stringValue: String? { if case .string(let value) = self { value } else { nil } }

    /// The instant, or nil for any other type.
    public var timestampValue: Timestamp? { if case .timestamp(let value) = self { value } else { nil } }

    /// The duration, or nil for any other type.
    public var durationValue: Span? { if case .duration(let value) = self { value } else { nil } }

    /// The elements, or nil for any other type.
    public var listValue: [Value]? { if case .list(let value) = self { value } else { nil } }

    /// The entries, or nil for any other type.
    public var mapValue: MapValue? { if case .map(let value) = self { value } else { nil } }
}

extension TypeValue {
    static let null = TypeValue("null_type")
    static let bool = TypeValue("bool")
    static let int = TypeValue("int")
    static let uint = TypeValue("uint")
    static let double = TypeValue("double")
    static let string = TypeValue("string")
    static let bytes = TypeValue("bytes")
    static let timestamp = TypeValue("google.protobuf.Timestamp")
    static let duration = TypeValue("google.protobuf.Duration")
    static let list = TypeValue("list")
    static let map = TypeValue("map")
    static let type = TypeValue("type")

    /// The types that an expression can name.
    static let named = [null, bool, int, uint, double, string, bytes, timestamp, duration, list, map, type]
}

extension Value: Hashable {
    /// The same type and contents: `1` is not `1u`, as opposed to ``celEquals(_:)``.
    public static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.uint(let left), .uint(let right)): left == right
        case (.double(let left), .double(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.bytes(let left), .bytes(let right)): left == right
        case (.timestamp(let left), .timestamp(let right)): left == right
        case (.duration(let left), .duration(let right)): left == right
        case (.list(let left), .list(let right)): left == right
        case (.map(let left), .map(let right)): left == right
        case (.type(let left), .type(let right)): left == right
        case (.object(let left), .object(let right)): left.isEqual(to: right)
        default: false
        }
    }

    /// Hashes in line with `==`.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .uint(let value): hasher.combine(value)
        case .double(let value): hasher.combine(value)
        case .string(let value): value.hashBytes(into: &hasher)
        case .bytes(let value): hasher.combine(value)
        case .timestamp(let value): hasher.combine(value)
        case .duration(let value): hasher.combine(value)
        case .list(let value): hasher.combine(value)
        case .map(let value): hasher.combine(value)
        case .type(let value): hasher.combine(value)
        case .object: hasher.combine(1)
        }
    }
}

extension Value: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// The value `null`.
    public init(nilLiteral: ()) { self = .null }
    /// A bool.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An int.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// A double.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A list.
    public init(arrayLiteral elements: Value...) { self = .list(elements) }
    /// A map from strings, in this order.
    public init(dictionaryLiteral elements: (String, Value)...) { self = .map(MapValue(fields: elements)) }
}
