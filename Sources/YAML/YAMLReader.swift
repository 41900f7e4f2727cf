/// Reads YAML 1.2 documents under the core schema, strictly.
///
/// Anchors, aliases, tags, directives, duplicate keys and further documents are refused, so that a document means what
/// it shows. Every node keeps its line and column.
public enum YAML {
    /// How large a document may be.
    public struct Limits: Sendable {
        /// The size in bytes above which a document is refused unread.
        public var bytes: Int
        /// How many lists and maps may stand inside each other.
        public var depth: Int

        /// Creates limits; by default 1 MiB and 64 levels.
        public init(bytes: Int = 1 << 20, depth: Int = 64) {
            self.bytes = bytes
            self.depth = depth
        }
    }

    /// Reads a document and throws every fault found in it.
    ///
    /// - Throws: `YAMLError` with the faults in order of position.
    public static func parse(_ bytes: [UInt8], limits: Limits = Limits()) throws(YAMLError) -> YAMLNode {
        let (root, faults) = read(bytes, limits: limits)
        guard let root, faults.isEmpty else { throw YAMLError(faults: faults) }
        return root
    }

    /// Reads a document from text and throws every fault found in it.
    ///
    /// - Throws: `YAMLError` with the faults in order of position.
    public static func parse(_ text: String, limits: Limits = Limits()) throws(YAMLError) -> YAMLNode {
        try parse(Array(text.utf8), limits: limits)
    }

    /// Reads as much of a document as can be understood, with the faults found on the way.
    ///
    /// The root is missing where the text is not YAML; it is there, without the refused parts' meaning, after faults
    /// such as a duplicate key, so that a caller can report its own findings beside them.
    public static func read(
        _ bytes: [UInt8], limits: Limits = Limits()
    ) -> (root: YAMLNode?, faults: [YAMLFault]) {
        guard bytes.count <= limits.bytes else {
            let fault = YAMLFault(
                line: 1, column: 1, code: .size,
                message: "the file has \(bytes.count) bytes; the limit is \(limits.bytes)")
            return (nil, [fault])
        }
        do throws(YAMLFault) {
            let source = try SourceText(bytes)
            return source.bytes.withUnsafeBufferPointer { buffer in
                var composer = Composer(source: source, stream: EventStream(reading: buffer), depth: limits.depth)
                let root = composer.document()
                return (root, composer.faults.sorted { ($0.line, $0.column) < ($1.line, $1.column) })
            }
        } catch {
            return (nil, [error])
        }
    }
}
