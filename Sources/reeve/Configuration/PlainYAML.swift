import JSON
import YAML

/// YAML files that hold plain data.
enum PlainYAML {
    /// The content of a file as JSON; `-` is standard input.
    static func read(_ path: String) throws(Failure) -> JSON {
        let bytes = try Files.read(path)
        do throws(YAMLError) {
            return json(try YAML.parse(bytes))
        } catch {
            throw Failure(
                error.faults.map { "\(path):\($0.line):\($0.column): \($0.message)" }.joined(separator: "\n"))
        }
    }

    private static func json(_ node: YAMLNode) -> JSON {
        if let mapping = node.mapping { return .object(JSONObject(mapping.map { ($0.key, json($0.value)) })) }
        if let sequence = node.sequence { return .array(sequence.map(json)) }
        guard let scalar = node.scalar else { return .null }
        switch scalar.value {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(value)
        case .double(let value): return .double(value)
        case .string(let text): return .string(text)
        }
    }
}
