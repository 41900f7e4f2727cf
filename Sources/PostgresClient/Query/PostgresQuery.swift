/// One SQL statement with its parameters.
///
/// Interpolated values become parameters, so no text can turn into SQL by mistake:
///
///     let query: PostgresQuery = "SELECT title FROM instance WHERE id = \(id)"
///
/// `\(unescaped:)` inserts SQL as it stands; never give it what came from outside.
public struct PostgresQuery: Sendable {
    /// The statement, its parameters written `$1`, `$2` and so on.
    public private(set) var sql: String
    var parameters = Parameters()

    /// Creates a query from a statement and the values of its parameters `$1`, `$2` and so on.
    public init(sql: String, _ parameters: [any PostgresEncodable] = []) {
        self.sql = sql
        for value in parameters { self.parameters.append(value) }
    }

    /// Adds the value of one more parameter and returns its number.
    @discardableResult
    public mutating func bind(_ value: some PostgresEncodable) -> Int { parameters.append(value) }
}

/// The parameters of a query in binary form, one after the other in one buffer.
struct Parameters: Sendable {
    struct Span: Sendable {
        var offset: Int
        /// In bytes; negative for NULL.
        var length: Int
    }

    /// The most parameters that the protocol can count.
    static let limit = 65535

    var writer = PostgresWriter()
    var spans: [Span] = []
    var types: [PostgresType] = []
    /// The first that could not be encoded; thrown when the query is run.
    var failure: EncodingFailure?

    @discardableResult
    mutating func append<Value: PostgresEncodable>(_ value: Value) -> Int {
        let offset = writer.bytes.count
        types.append(Value.postgresType)
        if value.isPostgresNull {
            spans.append(Span(offset: offset, length: -1))
        } else {
            do throws(PostgresCodecFault) {
                try value.encode(into: &writer)
            } catch {
                if failure == nil { failure = EncodingFailure(parameter: types.count, reason: error.reason) }
            }
            spans.append(Span(offset: offset, length: writer.bytes.count - offset))
        }
        return types.count
    }

    /// Why the parameters cannot be sent, if so.
    var fault: EncodingFailure? {
        if let failure { return failure }
        if types.count > Self.limit {
            return EncodingFailure(
                reason: "\(types.count) parameters, but PostgreSQL takes at most \(Self.limit); pass arrays instead")
        }
        if let long = spans.firstIndex(where: { $0.length > Int(Int32.max) }) {
            return EncodingFailure(parameter: long + 1, reason: "longer than 2 GiB")
        }
        return nil
    }
}

extension PostgresQuery: ExpressibleByStringInterpolation {
    /// Creates a query without parameters.
    public init(stringLiteral value: String) { self.init(sql: value) }

    /// Creates a query from a literal whose interpolations become parameters.
    public init(stringInterpolation: StringInterpolation) {
        sql = stringInterpolation.sql
        parameters = stringInterpolation.parameters
    }

    /// Collects the parts of an interpolated literal.
    public struct StringInterpolation: StringInterpolationProtocol {
        var sql = ""
        var parameters = Parameters()

        /// Prepares for a literal of about the given size.
        public init(literalCapacity: Int, interpolationCount: Int) {
            sql.reserveCapacity(literalCapacity + interpolationCount * 3)
        }

        /// Appends SQL as it stands in the source.
        public mutating func appendLiteral(_ literal: String) { sql += literal }

        /// Binds a parameter.
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value) {
            sql += "$"
            sql += String(parameters.append(value))
        }

        /// Inserts arrays of equal length as columns of a SELECT, `unnest($1), unnest($2)`.
        ///
        /// In a list of columns the server takes their elements in step; `unnest` of several arrays in FROM first
        /// puts each of them into a store of its own, which takes five times as long.
        public mutating func appendInterpolation<each Column: PostgresEncodable>(columns column: repeat each Column) {
            var separator = ""
            for column in repeat each column {
                sql += "\(separator)unnest("
                appendInterpolation(column)
                sql += ")"
                separator = ", "
            }
        }

        /// Inserts SQL as it stands, unchecked.
        public mutating func appendInterpolation(unescaped literal: String) { sql += literal }

        /// Inserts a name, quoted as an identifier.
        public mutating func appendInterpolation(identifier name: String) { sql += name.quotedIdentifier }
    }
}

extension String {
    /// The text as a quoted identifier of SQL.
    var quotedIdentifier: String {
        "\"" + split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
