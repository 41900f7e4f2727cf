import CEL

extension CELType {
    /// The type of a value of this schema as expressions see it.
    init(of schema: Definition.Schema, named name: String) {
        switch schema.shape {
        case .object(let fields): self = .record(RecordType(name, fields: Self.fields(fields, of: name)))
        case .array(let items): self = .list(CELType(of: items, named: "an element of \(name)"))
        case .integer: self = .int
        case .number: self = .double
        case .boolean: self = .bool
        case .string:
            switch schema.format {
            case .dateTime: self = .timestamp
            case .duration: self = .duration
            default:
                let words = schema.allowed.compactMap(\.stringValue)
                self = words.isEmpty ? .string : .enumeration(words)
            }
        }
    }

    static func fields(_ fields: [Definition.Field], of name: String) -> [String: RecordType.Field] {
        Dictionary(
            fields.map { field in
                let isOptional = field.compute != nil || !(field.isRequired || field.schema.defaultValue != nil)
                let type = CELType(of: field.schema, named: "\(name).\(field.name)")
                return (field.name, RecordType.Field(type, isOptional: isOptional))
            }
        ) { first, _ in first }
    }
}

/// The types of the names that expressions of a definition may use.
struct TypeTable {
    /// Where an expression stands, which decides what it may refer to.
    enum Place: Hashable {
        /// Conditions, derived fields, `always`: what the instance itself holds.
        case instance
        /// Events, opening, corrections and actions: also the event, `now`, `before` and reads.
        case event
        /// A schedule: no instance yet.
        case schedule
    }

    /// Names that only some places have, with the places that have them.
    static let restricted = ["event", "now", "before", "item", "occurrence"] + HostFunctions.names.sorted()

    private let names: [String: CELType]

    init(_ definition: Definition, library: [String: Definition]) {
        let data = CELType.record(RecordType("data", fields: CELType.fields(definition.data.fields, of: "data")))
        var names: [String: CELType] = ["data": data]
        names["before"] = .record(
            RecordType("before", fields: CELType.fields(definition.data.fields, of: "before")))
        names["roles"] = Self.record(
            "roles",
            definition.roles.map { ($0.name, .init($0.many ? .list(.string) : .string, isOptional: true)) })
        names["state"] = .enumeration(definition.states.map(\.name))
        names["self"] = Self.record(
            "self",
            ["id", "reference", "workflow", "kind"].map { ($0, .init(.string)) } + [("openedAt", .init(.timestamp))])
        names["tenant"] = Self.record("tenant", ["id", "name", "zone", "calendar"].map { ($0, .init(.string)) })
        names["event"] = Self.record(
            "event",
            [
                ("name", .init(.string)), ("by", .init(.string)), ("at", .init(.timestamp)),
                ("form", .init(.map(.string, .dyn))),
            ])
        names["now"] = .timestamp
        names["clocks"] = Self.record("clocks", definition.clocks.map { ($0.name, .init(Self.clock($0.name))) })
        self.names = names.merging(Self.work(of: definition, names: names)) { $1 }
            .merging(["children": Self.children(of: definition, library: library)]) { $1 }
    }

    private static func record(_ name: String, _ fields: [(String, RecordType.Field)]) -> CELType {
        .record(RecordType(name, fields: Dictionary(fields) { first, _ in first }))
    }

    private static func clock(_ name: String) -> CELType {
        let item = record(
            "an element of clocks.\(name)",
            [
                ("key", .init(.string)), ("running", .init(.bool)), ("overdue", .init(.bool)),
                ("due", .init(.timestamp, isOptional: true)), ("latest", .init(.timestamp, isOptional: true)),
            ])
        return record(
            "clocks.\(name)",
            [
                ("due", .init(.timestamp, isOptional: true)), ("latest", .init(.timestamp, isOptional: true)),
                ("running", .init(.bool)), ("overdue", .init(.bool)),
                ("items", .init(.list(item))),
            ])
    }

    private static func work(of definition: Definition, names: [String: CELType]) -> [String: CELType] {
        let environment = Environment(variables: names)
        func item(_ each: Formula?) -> [(String, RecordType.Field)] {
            guard let each else { return [] }
            if case .list(let type) = each.expression.check(environment).type { return [("item", .init(type))] }
            return [("item", .init(.dyn))]
        }
        var tasks: [(String, RecordType.Field)] = []
        var approvals: [(String, RecordType.Field)] = []
        for state in definition.states {
            for task in state.tasks {
                let name = "tasks.\(task.name)"
                let fields: [(String, RecordType.Field)] =
                    [
                        ("key", .init(.string)), ("done", .init(.bool)), ("by", .init(.string, isOptional: true)),
                        ("at", .init(.timestamp, isOptional: true)),
                    ] + item(task.each)
                    + task.result.map {
                        ($0.name, .init(CELType(of: $0.schema, named: "\(name).\($0.name)"), isOptional: true))
                    }
                let element = record("an element of \(name)", fields)
                tasks.append(
                    (task.name, .init(record(name, [("done", .init(.bool)), ("items", .init(.list(element)))]))))
            }
            for approval in state.approvals {
                let name = "approvals.\(approval.name)"
                let element = record(
                    "an element of \(name)",
                    [("key", .init(.string)), ("granted", .init(.bool)), ("refused", .init(.bool))]
                        + item(approval.each))
                approvals.append(
                    (
                        approval.name,
                        .init(
                            record(
                                name,
                                [
                                    ("granted", .init(.bool)), ("refused", .init(.bool)),
                                    ("items", .init(.list(element))),
                                ]))
                    ))
            }
        }
        return ["tasks": record("tasks", tasks), "approvals": record("approvals", approvals)]
    }

    private static func children(of definition: Definition, library: [String: Definition]) -> CELType {
        record(
            "children",
            definition.children.map { child in
                let name = "children.\(child.name)"
                let item: CELType
                if let other = library[child.workflow] {
                    let exported = other.exports.compactMap { export in
                        other.data.fields.first { $0.name == export }.map { field in
                            (export, RecordType.Field(CELType(of: field.schema, named: export), isOptional: true))
                        }
                    }
                    item = record(
                        "an element of \(name)",
                        [
                            ("key", .init(.string)), ("done", .init(.bool)), ("item", .init(.dyn, isOptional: true)),
                            ("state", .init(.string, isOptional: true)),
                        ] + exported)
                } else {
                    item = .map(.string, .dyn)
                }
                return (child.name, .init(record(name, [("done", .init(.bool)), ("items", .init(.list(item)))])))
            })
    }

    /// The names and functions that an expression may use at a place.
    ///
    /// - Parameter item: the type of `item`, where there is one.
    func environment(_ place: Place, item: CELType? = nil) -> Environment {
        var variables = names
        var functions: [FunctionDeclaration] = []
        if place == .instance {
            for name in ["event", "now", "before"] { variables[name] = nil }
        } else {
            functions = HostFunctions.declarations(found: .list(.map(.string, .dyn)))
        }
        if place == .schedule {
            variables = ["tenant": names["tenant"] ?? .dyn, "now": .timestamp, "occurrence": .timestamp]
        }
        if let item { variables["item"] = item }
        return Environment(variables: variables, functions: functions)
    }
}
