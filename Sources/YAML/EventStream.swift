// CYaml is the copy of libyaml inside Yams. Its events, unlike Yams' composed nodes, still tell anchors, aliases and
// explicit tags apart from what they stand for, and let a reader stop at a depth of its own choosing.
internal import CYaml

/// What libyaml reports about a document, piece by piece.
struct Event {
    enum Kind {
        case documentStart(explicitVersion: (major: Int, minor: Int)?, tagDirectives: Bool)
        case documentEnd
        case streamEnd
        case alias(name: String)
        case scalar(text: String, style: YAMLScalar.Style)
        case sequenceStart(isFlow: Bool)
        case sequenceEnd
        case mappingStart(isFlow: Bool)
        case mappingEnd
    }

    var kind: Kind
    var start: Place
    var end: Place
    var anchor: String?
    var tag: String?
}

/// A line and a column, both from 1.
struct Place: Hashable {
    var line: Int
    var column: Int
}

/// What libyaml says when it cannot go on.
struct SyntaxProblem: Error {
    var problem: String
    var place: Place
    var context: String?
    var contextPlace: Place
}

/// The events of one document, read from memory that outlives the stream.
struct EventStream: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// Reads from `input`, which must stay valid as long as the stream is used.
    init(reading input: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        yaml_parser_initialize(parser)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deinitialize(count: 1)
        parser.deallocate()
    }

    /// The next event; libyaml's own start of the stream is skipped.
    mutating func next() throws(SyntaxProblem) -> Event {
        while true {
            var raw = yaml_event_t()
            guard yaml_parser_parse(parser, &raw) == 1 else { throw problem }
            defer { yaml_event_delete(&raw) }
            guard let kind = kind(of: raw) else { continue }
            return Event(
                kind: kind, start: Place(raw.start_mark), end: Place(raw.end_mark), anchor: anchor(of: raw),
                tag: tag(of: raw))
        }
    }

    private var problem: SyntaxProblem {
        SyntaxProblem(
            problem: parser.pointee.problem.map { String(cString: $0) } ?? "out of memory",
            place: Place(parser.pointee.problem_mark),
            context: parser.pointee.context.map { String(cString: $0) },
            contextPlace: Place(parser.pointee.context_mark))
    }

    private func kind(of raw: yaml_event_t) -> Event.Kind? {
        switch raw.type {
        case YAML_DOCUMENT_START_EVENT:
            let start = raw.data.document_start
            let version = start.version_directive.map { (major: Int($0.pointee.major), minor: Int($0.pointee.minor)) }
            return .documentStart(
                explicitVersion: version, tagDirectives: start.tag_directives.start != start.tag_directives.end)
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_ALIAS_EVENT: return .alias(name: text(raw.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = raw.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(text: String(decoding: bytes, as: UTF8.self), style: style(scalar.style))
        case YAML_SEQUENCE_START_EVENT:
            return .sequenceStart(isFlow: raw.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE)
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            return .mappingStart(isFlow: raw.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE)
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default: return nil
        }
    }

    private func style(_ style: yaml_scalar_style_t) -> YAMLScalar.Style {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: .literal
        case YAML_FOLDED_SCALAR_STYLE: .folded
        default: .plain
        }
    }

    private func anchor(of raw: yaml_event_t) -> String? {
        switch raw.type {
        case YAML_SCALAR_EVENT: text(raw.data.scalar.anchor)
        case YAML_SEQUENCE_START_EVENT: text(raw.data.sequence_start.anchor)
        case YAML_MAPPING_START_EVENT: text(raw.data.mapping_start.anchor)
        default: nil
        }
    }

    private func tag(of raw: yaml_event_t) -> String? {
        switch raw.type {
        case YAML_SCALAR_EVENT: text(raw.data.scalar.tag)
        case YAML_SEQUENCE_START_EVENT: text(raw.data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT: text(raw.data.mapping_start.tag)
        default: nil
        }
    }

    private func text(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
        guard let pointer else { return nil }
        return String(decodingCString: UnsafePointer(pointer), as: UTF8.self)
    }
}

extension Place {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
