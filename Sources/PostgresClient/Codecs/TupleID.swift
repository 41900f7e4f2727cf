/// Where a version of a row stands in its table, as the column `ctid` says it.
///
/// It names the row for as long as the transaction that has locked it does not write it.
public struct PostgresTupleID: PostgresCodable, Hashable {
    /// The block, from 0.
    public var block: UInt32
    /// The item in the block, from 1.
    public var item: UInt16

    /// Names a place.
    public init(block: UInt32, item: UInt16) {
        self.block = block
        self.item = item
    }

    /// `tid`.
    public static var postgresType: PostgresType { .tid }

    /// Writes six bytes.
    public func encode(into writer: inout PostgresWriter) {
        writer.write(block)
        writer.write(item)
    }

    /// Reads a `tid`.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> PostgresTupleID {
        try value.require(.tid)
        try value.require(size: 6)
        return PostgresTupleID(block: try value.integer(), item: try value.integer(at: 4))
    }
}
