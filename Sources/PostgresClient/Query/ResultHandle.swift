import CLibPQ
import Glibc

/// Owns a `PGresult`.
///
/// It never changes once libpq has handed it over, so any thread may read it.
final class ResultHandle: @unchecked Sendable {
    let raw: OpaquePointer
    let rows: Int
    let columns: Int

    init(_ raw: OpaquePointer) {
        self.raw = raw
        rows = Int(PQntuples(raw))
        columns = Int(PQnfields(raw))
    }

    deinit { PQclear(raw) }

    func name(of column: Int) -> String {
        PQfname(raw, Int32(column)).map { String(cString: $0) } ?? ""
    }

    func type(of column: Int) -> PostgresType { PostgresType(rawValue: PQftype(raw, Int32(column))) }

    func column(named name: String) -> Int? {
        name.withCString { wanted in
            (0..<columns).first { column in
                PQfname(raw, Int32(column)).map { strcmp($0, wanted) == 0 } ?? false
            }
        }
    }

    /// The bytes of a value; nil for NULL.
    ///
    /// They live as long as this object.
    func value(row: Int, column: Int) -> PostgresValue? {
        let (row, column) = (Int32(row), Int32(column))
        if PQgetisnull(raw, row, column) == 1 { return nil }
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(raw, row, column), count: Int(PQgetlength(raw, row, column)))
        return PostgresValue(
            type: PostgresType(rawValue: PQftype(raw, column)), bytes: bytes, isText: PQfformat(raw, column) == 0)
    }
}
