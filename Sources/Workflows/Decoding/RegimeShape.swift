/// The shapes of the regime library that fields refer to with `$ref`.
enum RegimeShape {
    static let names = ["regimes/obligation", "regimes/stage"]

    /// The shape of that name; nil where there is none.
    static func schema(named name: String, at position: SourcePosition) -> Definition.Schema? {
        func text(_ format: Definition.Format? = nil) -> Definition.Schema {
            var schema = Definition.Schema(shape: .string, position: position)
            schema.format = format
            return schema
        }
        func object(_ name: String, _ fields: [(String, Definition.Schema, required: Bool)]) -> Definition.Schema {
            let fields = fields.map {
                Definition.Field(name: $0.0, schema: $0.1, isRequired: $0.required, position: position)
            }
            var schema = Definition.Schema(shape: .object(fields: fields), position: position)
            schema.reference = name
            return schema
        }
        let stage = object(
            "regimes/stage",
            [
                ("id", text(), true), ("title", text(), true), ("rule", text(.rule), true), ("after", text(), true),
                ("checklist", text(.checklist), true),
            ])
        switch name {
        case "regimes/stage": return stage
        case "regimes/obligation":
            return object(
                name,
                [
                    ("id", text(), true), ("regime", text(.regime), true), ("recipient", text(), true),
                    ("stages", Definition.Schema(shape: .array(items: stage), position: position), true),
                    ("owner", text(.person), false), ("entity", text(), false),
                ])
        default: return nil
        }
    }
}
