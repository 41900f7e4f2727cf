/// Where something stands in the files of a definition.
public struct SourcePosition: Sendable, Hashable {
    /// Path of the file as it was given to the decoder.
    public var file: String
    /// Line, counted from 1.
    public var line: Int
    /// Column in Unicode scalars, counted from 1.
    public var column: Int

    /// Creates a position.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// The position of what no file says, such as a default.
    public static let none = SourcePosition(file: "", line: 0, column: 0)
}
