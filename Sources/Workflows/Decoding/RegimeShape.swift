/// The shapes of the regime library that fields refer to with `$ref`.
enum RegimeShape {
    static let names = ["regimes/obligation", "regimes/stage", "regimes/finding", "regimes/coverage", "regimes/input"]

    /// The member of an ``Examination``'s answer that a field takes; nil where its shape is none of these.
    static func part(for schema: Definition.Schema) -> String? {
        guard case .array(let items) = schema.shape else { return nil }
        return switch items.reference {
        case "regimes/obligation": "obligations"
        case "regimes/finding": "findings"
        case "regimes/coverage": "coverage"
        default: nil
        }
    }

    /// The shape of that name; nil where there is none.
    static func schema(named name: String, at position: SourcePosition) -> Definition.Schema? {
        let shapes = Shapes(position: position)
        return switch name {
        case "regimes/obligation": shapes.obligation
        case "regimes/stage": shapes.stage
        case "regimes/finding": shapes.finding
        case "regimes/coverage": shapes.coverage
        case "regimes/input": shapes.input
        default: nil
        }
    }
}

private struct Shapes {
    let position: SourcePosition

    var obligation: Definition.Schema {
        object(
            "regimes/obligation",
            required: [
                ("id", text()), ("regime", text(.regime)), ("recipient", text()), ("stages", list(of: stage)),
            ],
            optional: [
                ("title", text()), ("entity", text()),
                ("provisional", Definition.Schema(shape: .boolean, position: position)),
                ("why", text()), ("zone", text()), ("calendar", text()), ("owner", text(.person)),
            ])
    }

    var stage: Definition.Schema {
        object(
            "regimes/stage",
            required: [
                ("id", text()), ("title", text()), ("rule", text(.rule)), ("after", text()),
                ("checklist", text(.checklist)),
            ],
            optional: [
                ("recipient", text()), ("inputs", list(of: input)),
                ("onRequest", Definition.Schema(shape: .boolean, position: position)),
            ])
    }

    var input: Definition.Schema {
        object("regimes/input", required: [("name", text()), ("value", text())], optional: [])
    }

    var finding: Definition.Schema {
        object(
            "regimes/finding",
            required: [
                ("id", text()), ("regime", text(.regime)), ("title", text()), ("verdict", text()), ("why", text()),
            ], optional: [])
    }

    var coverage: Definition.Schema {
        object(
            "regimes/coverage",
            required: [
                ("id", text()), ("end", text()), ("why", text()),
                ("counsel", Definition.Schema(shape: .boolean, position: position)),
            ], optional: [])
    }

    private func text(_ format: Definition.Format? = nil) -> Definition.Schema {
        var schema = Definition.Schema(shape: .string, position: position)
        schema.format = format
        return schema
    }

    private func list(of items: Definition.Schema) -> Definition.Schema {
        Definition.Schema(shape: .array(items: items), position: position)
    }

    private typealias Member = (name: String, schema: Definition.Schema)

    private func object(_ name: String, required: [Member], optional: [Member]) -> Definition.Schema {
        func fields(_ members: [Member], isRequired: Bool) -> [Definition.Field] {
            members.map {
                Definition.Field(name: $0.name, schema: $0.schema, isRequired: isRequired, position: position)
            }
        }
        let fields = fields(required, isRequired: true) + fields(optional, isRequired: false)
        var schema = Definition.Schema(shape: .object(fields: fields), position: position)
        schema.reference = name
        return schema
    }
}
