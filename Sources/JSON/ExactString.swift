extension String {
    /// Whether both hold the same UTF-8 bytes, which is stricter than `==`: no canonical equivalence.
    @inlinable
    package func hasSameBytes(as other: String) -> Bool {
        let count = utf8.count
        guard count == other.utf8.count else { return false }
        let same = utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { right in
                UnsafeRawBufferPointer(left).hasSameBytes(as: UnsafeRawBufferPointer(right))
            }
        }
        if let same, let same { return same }
        return utf8.elementsEqual(other.utf8)
    }

    /// Whether this comes first by UTF-16 code units, the order of RFC 8785.
    ///
    /// The order of UTF-8 bytes is the same, but for characters beyond U+FFFF beside those from U+E000.
    func precedesInUTF16(_ other: String) -> Bool {
        let quick = utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { right -> Bool? in
                for index in 0..<min(left.count, right.count) where left[index] != right[index] {
                    return min(left[index], right[index]) < 0xEE ? left[index] < right[index] : nil
                }
                return left.count < right.count
            }
        }
        if let quick, let quick, let quick { return quick }
        return utf16.lexicographicallyPrecedes(other.utf16)
    }

    /// Feeds the UTF-8 bytes and an end mark to the hasher, to go with ``hasSameBytes(as:)``.
    @inlinable
    package func hashBytes(into hasher: inout Hasher) {
        let fed: Void? = utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        if fed == nil { for byte in utf8 { hasher.combine(byte) } }
        hasher.combine(0xFF as UInt8)
    }
}

extension UnsafeRawBufferPointer {
    /// Compares two buffers of equal length, eight bytes at a time.
    @inlinable
    func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while offset + 8 <= count {
            let left = loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard left == other.loadUnaligned(fromByteOffset: offset, as: UInt64.self) else { return false }
            offset += 8
        }
        while offset < count {
            guard self[offset] == other[offset] else { return false }
            offset += 1
        }
        return true
    }
}

/// A string as a dictionary's key, compared byte for byte.
package struct ExactString: Hashable, Sendable {
    package let string: String

    @inlinable
    package init(_ string: String) { self.string = string }

    @inlinable
    package static func == (left: ExactString, right: ExactString) -> Bool {
        left.string.hasSameBytes(as: right.string)
    }

    @inlinable
    package func hash(into hasher: inout Hasher) { string.hashBytes(into: &hasher) }
}
