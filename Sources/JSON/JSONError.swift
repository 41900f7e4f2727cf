/// Why a text is not the JSON that was asked for, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what was expected.
    public let message: String
    /// The line of the fault, from 1.
    public let line: Int
    /// The column of the fault in Unicode scalars, from 1.
    public let column: Int
    /// The offset of the fault in bytes, from 0.
    public let offset: Int

    /// `line:column: message`.
    public var description: String { "\(line):\(column): \(message)" }

    init(_ message: String, at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
        var line = 1
        var column = 1
        for byte in bytes.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.message = message
        self.line = line
        self.column = column
        self.offset = offset
    }
}
