import CLibPQ

/// What one statement returned: its rows, and how it went.
///
/// The rows stay in libpq's memory until the last copy of this value is gone; decoding reads them there.
public struct PostgresRows: Sendable {
    let result: ResultHandle
    /// The notices and warnings that came with it.
    public let notices: [PostgresNotice]

    /// The command and its counts, such as `INSERT 0 1`.
    public var commandTag: String {
        PQcmdStatus(result.raw).map { String(cString: $0) } ?? ""
    }

    /// How many rows were selected, inserted, updated or deleted; 0 for commands that do not say.
    public var affected: Int {
        PQcmdTuples(result.raw).flatMap { Int(String(cString: $0)) } ?? 0
    }

    /// The names of the columns.
    public var columns: [String] { (0..<result.columns).map { result.name(of: $0) } }

    /// The types of the columns.
    public var types: [PostgresType] { (0..<result.columns).map { result.type(of: $0) } }
}

extension PostgresRows: RandomAccessCollection {
    /// 0.
    public var startIndex: Int { 0 }
    /// The number of rows.
    public var endIndex: Int { result.rows }

    /// The row at a position, counted from 0.
    public subscript(position: Int) -> PostgresRow {
        precondition(position >= 0 && position < result.rows, "there is no row \(position)")
        return PostgresRow(result: result, index: position)
    }
}

extension PostgresRows {
    /// Decodes the leading columns of every row.
    ///
    ///     for (id, title) in try rows.decode((Int64, String).self) { … }
    ///
    /// - Throws: `PostgresError.decoding`, naming column and type.
    public func decode<each Column: PostgresDecodable>(
        _: (repeat each Column).Type
    ) throws(PostgresError) -> [(repeat each Column)] {
        var decoded: [(repeat each Column)] = []
        decoded.reserveCapacity(count)
        for row in self { decoded.append(try row.decode((repeat each Column).self)) }
        return decoded
    }

    /// Decodes the leading columns of the first row; nil when there is none.
    ///
    /// - Throws: `PostgresError.decoding`, naming column and type.
    public func first<each Column: PostgresDecodable>(
        _: (repeat each Column).Type
    ) throws(PostgresError) -> (repeat each Column)? {
        guard !isEmpty else { return nil }
        return try self[0].decode((repeat each Column).self)
    }
}

/// One row.
public struct PostgresRow: Sendable {
    let result: ResultHandle
    let index: Int

    /// How many columns it has.
    public var count: Int { result.columns }

    /// Whether the column at a position, counted from 0, is NULL; false when there is no such column.
    public func isNull(at column: Int) -> Bool {
        PQgetisnull(result.raw, Int32(index), Int32(column)) == 1 && column < result.columns
    }

    /// Decodes the column at a position, counted from 0.
    ///
    /// - Throws: `PostgresError.decoding`, naming column and type.
    public func decode<Value: PostgresDecodable>(
        _: Value.Type = Value.self, at column: Int
    ) throws(PostgresError) -> Value {
        guard column >= 0, column < result.columns else {
            throw .decoding(
                DecodingFailure(
                    column: "\(column)", index: nil, type: .unspecified, target: "\(Value.self)",
                    reason: "there are only \(result.columns) columns"))
        }
        do throws(PostgresCodecFault) {
            guard let value = result.value(row: index, column: column) else { return try Value.decodeNull() }
            return try Value.decode(from: value)
        } catch {
            throw .decoding(
                DecodingFailure(
                    column: result.name(of: column), index: column, type: result.type(of: column),
                    target: "\(Value.self)", reason: error.reason))
        }
    }

    /// Decodes the first column with the given name.
    ///
    /// - Throws: `PostgresError.decoding`, naming column and type; also when there is no such column.
    public func decode<Value: PostgresDecodable>(
        _: Value.Type = Value.self, _ name: String
    ) throws(PostgresError) -> Value {
        guard let column = result.column(named: name) else {
            let names = (0..<result.columns).map { result.name(of: $0) }.joined(separator: ", ")
            throw .decoding(
                DecodingFailure(
                    column: name, index: nil, type: .unspecified, target: "\(Value.self)",
                    reason: "there is no such column, only: \(names)"))
        }
        return try decode(Value.self, at: column)
    }

    /// Decodes the leading columns.
    ///
    /// - Throws: `PostgresError.decoding`, naming column and type.
    public func decode<each Column: PostgresDecodable>(
        _: (repeat each Column).Type
    ) throws(PostgresError) -> (repeat each Column) {
        var column = 0
        func next<Value: PostgresDecodable>(_: Value.Type) throws(PostgresError) -> Value {
            defer { column += 1 }
            return try decode(Value.self, at: column)
        }
        return (repeat try next((each Column).self))
    }

    /// The column with the given name, to be decoded: `try row["title"].decode(String.self)`.
    public subscript(name: String) -> PostgresCell { PostgresCell(row: self, name: name) }
}

/// One column of a row, by name.
public struct PostgresCell: Sendable {
    let row: PostgresRow
    let name: String

    /// Whether the value is NULL; false when there is no such column.
    public var isNull: Bool {
        row.result.column(named: name).map { PQgetisnull(row.result.raw, Int32(row.index), Int32($0)) == 1 } ?? false
    }

    /// Decodes the value.
    ///
    /// - Throws: `PostgresError.decoding`, naming column and type; also when there is no such column.
    public func decode<Value: PostgresDecodable>(_: Value.Type = Value.self) throws(PostgresError) -> Value {
        try row.decode(Value.self, name)
    }
}
