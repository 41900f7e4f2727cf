import CEL

extension Run {
    /// Judges a value that the definition made, and gives it the type of its schema.
    func admit(
        _ value: CEL.Value, as schema: Definition.Schema, at path: SchemaPath, _ problems: inout [Rejection.Problem]
    ) -> CEL.Value {
        var admission = Admission()
        let admitted = admission.admit(value, as: schema, at: path)
        problems += admission.problems
        return admitted
    }

    /// Judges a value that was sent; what it refers to must exist.
    mutating func admitSent(
        _ value: CEL.Value, as schema: Definition.Schema, at path: SchemaPath, _ problems: inout [Rejection.Problem]
    ) -> CEL.Value {
        var admission = Admission()
        let admitted = admission.admit(value, as: schema, at: path)
        problems += admission.problems
        for reference in admission.references {
            guard case .bool(false)? = ask(.exists(reference.format, reference.id)) else { continue }
            let message = "there is no \(reference.format.rawValue) \"\(reference.id)\""
            problems.append(Rejection.Problem(path: reference.path.description, message: message))
        }
        return admitted
    }
}
