/// A value that can be a parameter of a query.
///
/// To conform a type of your own, encode it as one that conforms already:
///
///     extension Instant: PostgresEncodable {
///         static var postgresType: PostgresType { .timestamptz }
///         func encode(into writer: inout PostgresWriter) throws(PostgresCodecFault) {
///             try PostgresTimestamp(microsecondsSinceEpoch: microseconds).encode(into: &writer)
///         }
///     }
public protocol PostgresEncodable: Sendable {
    /// The type that the parameter is declared to have.
    static var postgresType: PostgresType { get }

    /// Whether the value stands for NULL; `encode` is not called then.
    var isPostgresNull: Bool { get }

    /// Whether any value of the type stands for NULL. There is a default.
    static var mayBePostgresNull: Bool { get }

    /// Writes the value in PostgreSQL's binary form.
    ///
    /// - Throws: `PostgresCodecFault` when PostgreSQL has no such value.
    func encode(into writer: inout PostgresWriter) throws(PostgresCodecFault)

    /// Writes the elements of an array, each preceded by its length. There is a default.
    static func encode(elements: [Self], into writer: inout PostgresWriter) throws(PostgresCodecFault)
}

extension PostgresEncodable {
    /// False: most values are never NULL.
    public var isPostgresNull: Bool { false }

    /// False: most values are never NULL.
    public static var mayBePostgresNull: Bool { false }

    /// Writes one element after the other.
    public static func encode(elements: [Self], into writer: inout PostgresWriter) throws(PostgresCodecFault) {
        for element in elements { try writer.write(element: element) }
    }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    /// The type of what is wrapped.
    public static var postgresType: PostgresType { Wrapped.postgresType }

    /// True.
    public static var mayBePostgresNull: Bool { true }

    /// Whether there is nothing wrapped.
    public var isPostgresNull: Bool {
        switch self {
        case .none: true
        case .some(let value): value.isPostgresNull
        }
    }

    /// Writes what is wrapped.
    public func encode(into writer: inout PostgresWriter) throws(PostgresCodecFault) {
        if case .some(let value) = self { try value.encode(into: &writer) }
    }
}

extension Array: PostgresEncodable where Element: PostgresEncodable {
    /// The type of arrays of the element; of `text[]` where the element leaves its type open.
    public static var postgresType: PostgresType { Self.elementType.array }

    private static var elementType: PostgresType {
        Element.postgresType == .unspecified ? .text : Element.postgresType
    }

    /// Writes a one-dimensional array, its bounds beginning with 1.
    public func encode(into writer: inout PostgresWriter) throws(PostgresCodecFault) {
        guard Self.postgresType != .unspecified else {
            throw PostgresCodecFault(
                "arrays of \(Element.self) have no PostgreSQL type; only one dimension is supported")
        }
        guard let count = Int32(exactly: count) else { throw PostgresCodecFault("the array has too many elements") }
        writer.write(Int32(isEmpty ? 0 : 1))
        writer.write(Int32(Element.mayBePostgresNull && contains { $0.isPostgresNull } ? 1 : 0))
        writer.write(Self.elementType.rawValue)
        if isEmpty { return }
        writer.write(count)
        writer.write(Int32(1))
        try Element.encode(elements: self, into: &writer)
    }
}
