/// A type of PostgreSQL, by its object identifier.
public struct PostgresType: RawRepresentable, Hashable, Sendable {
    /// The object identifier, as in `pg_type.oid`.
    public let rawValue: UInt32

    /// Creates a type from its object identifier.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
}

extension PostgresType {
    /// Left to the server to infer from the statement.
    public static let unspecified = PostgresType(rawValue: 0)
    /// `boolean`.
    public static let bool = PostgresType(rawValue: 16)
    /// `bytea`.
    public static let bytea = PostgresType(rawValue: 17)
    /// `name`, the type of identifiers in the catalogues.
    public static let name = PostgresType(rawValue: 19)
    /// `bigint`.
    public static let int8 = PostgresType(rawValue: 20)
    /// `smallint`.
    public static let int2 = PostgresType(rawValue: 21)
    /// `integer`.
    public static let int4 = PostgresType(rawValue: 23)
    /// `text`.
    public static let text = PostgresType(rawValue: 25)
    /// `oid`.
    public static let oid = PostgresType(rawValue: 26)
    /// `tid`.
    public static let tid = PostgresType(rawValue: 27)
    /// `xid`.
    public static let xid = PostgresType(rawValue: 28)
    /// `json`.
    public static let json = PostgresType(rawValue: 114)
    /// `real`.
    public static let float4 = PostgresType(rawValue: 700)
    /// `double precision`.
    public static let float8 = PostgresType(rawValue: 701)
    /// A literal whose type nothing told.
    public static let unknown = PostgresType(rawValue: 705)
    /// `char(n)`.
    public static let bpchar = PostgresType(rawValue: 1042)
    /// `varchar`.
    public static let varchar = PostgresType(rawValue: 1043)
    /// `date`.
    public static let date = PostgresType(rawValue: 1082)
    /// `timestamp without time zone`.
    public static let timestamp = PostgresType(rawValue: 1114)
    /// `timestamp with time zone`.
    public static let timestamptz = PostgresType(rawValue: 1184)
    /// `interval`.
    public static let interval = PostgresType(rawValue: 1186)
    /// `numeric`.
    public static let numeric = PostgresType(rawValue: 1700)
    /// `void`, what a function without a result returns.
    public static let void = PostgresType(rawValue: 2278)
    /// `uuid`.
    public static let uuid = PostgresType(rawValue: 2950)
    /// `jsonb`.
    public static let jsonb = PostgresType(rawValue: 3802)
    /// `xid8`.
    public static let xid8 = PostgresType(rawValue: 5069)

    /// The first identifier that a type made by a user can have: enumerations, composites and extensions' types.
    static let firstUserDefined: UInt32 = 16384
}

extension PostgresType {
    private static let table: [(type: PostgresType, array: UInt32, name: String)] = [
        (.bool, 1000, "bool"), (.bytea, 1001, "bytea"), (.name, 1003, "name"), (.int8, 1016, "int8"),
        (.int2, 1005, "int2"), (.int4, 1007, "int4"), (.text, 1009, "text"), (.oid, 1028, "oid"), (.tid, 1010, "tid"),
        (.xid, 1011, "xid"), (.json, 199, "json"), (.float4, 1021, "float4"), (.float8, 1022, "float8"),
        (.bpchar, 1014, "bpchar"), (.varchar, 1015, "varchar"), (.date, 1182, "date"),
        (.timestamp, 1115, "timestamp"), (.timestamptz, 1185, "timestamptz"), (.interval, 1187, "interval"),
        (.numeric, 1231, "numeric"), (.uuid, 2951, "uuid"), (.jsonb, 3807, "jsonb"), (.xid8, 271, "xid8"),
    ]

    private static let arrays = [PostgresType: PostgresType](
        uniqueKeysWithValues: table.map { ($0.type, PostgresType(rawValue: $0.array)) })

    /// The type of arrays of this one; `unspecified` when it is not a built-in type.
    public var array: PostgresType { Self.arrays[self] ?? .unspecified }
}

extension PostgresType: CustomStringConvertible {
    /// The name as in the catalogues, or the number of a type not built in.
    public var description: String {
        switch self {
        case .unspecified: return "unspecified"
        case .unknown: return "unknown"
        case .void: return "void"
        default: break
        }
        for entry in Self.table {
            if entry.type == self { return entry.name }
            if entry.array == rawValue { return entry.name + "[]" }
        }
        return "oid \(rawValue)"
    }
}
