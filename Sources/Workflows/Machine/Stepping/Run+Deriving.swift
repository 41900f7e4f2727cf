import CEL

// Computed fields and checklists.
extension Run {
    /// Derives the computed fields whose inputs have changed, in the order of their dependence.
    mutating func derive() throws(Halt) {
        guard !tables.derived.isEmpty, !underived.isDisjoint(with: tables.derivedInputs) else {
            underived = []
            return
        }
        // Writes below add to it, so that a field that reads another sees it changed.
        for table in tables.derived where !underived.isDisjoint(with: table.derivationInputs) {
            let field = table.field
            guard let compute = field.compute else { continue }
            var value: CEL.Value?
            if try isDerived(field), case .success(let result) = try evaluate(compute, .plain), result != .null {
                var problems: [Rejection.Problem] = []
                let admitted = admit(result.kept, as: field.schema, at: SchemaPath(field.name), &problems)
                if problems.isEmpty { value = admitted }
            }
            write(table, value)
        }
        underived = []
    }

    private mutating func isDerived(_ field: Definition.Field) throws(Halt) -> Bool {
        guard let when = field.when else { return true }
        if case .success(.bool(true)) = try evaluate(when, .plain) { return true }
        return false
    }

    /// Judges which checklist fields have all the contents that their checklists demand.
    mutating func judgeChecklists() throws(Halt) {
        for table in tables.checklists {
            let field = table.field
            guard let checklist = field.checklist else { continue }
            let inputs = checklist.inputs.union(table.mark)
            guard !underived.isDisjoint(with: inputs) else { continue }
            let isComplete = try next.data[field.name].map { (contents) throws(Halt) in
                try self.isComplete(contents, by: checklist)
            }
            if isComplete == false {
                if next.incomplete.insert(field.name).inserted { changeContents(of: table) }
            } else if next.incomplete.remove(field.name) != nil {
                changeContents(of: table)
            }
        }
    }

    /// Remembers that a field is complete now, or no longer.
    private mutating func changeContents(of table: FieldTable) {
        seen = nil
        change(table.mark)
    }

    private mutating func isComplete(_ contents: CEL.Value, by checklist: Formula) throws(Halt) -> Bool {
        guard let demanded = try self.demanded(by: checklist) else { return false }
        return demanded.allSatisfy { contents.has($0) }
    }

    /// What a checklist asks for; nil while it is not known which one applies.
    private mutating func demanded(by checklist: Formula) throws(Halt) -> [String]? {
        guard case .string(let id)? = try passed(checklist, .plain) else { return nil }
        return try demand(.checklist(id)).listValue?.compactMap(\.stringValue) ?? []
    }

    /// Names as they are told to be missing: of a field with a checklist each thing that it lacks.
    mutating func lacking(_ names: [String]) throws(Halt) -> [String] {
        var lacking: [String] = []
        for name in names {
            let table = tables.checklists.first { $0.field.name == name }
            let demanded = try table?.field.checklist.flatMap { (list) throws(Halt) in try self.demanded(by: list) }
            let items = (demanded ?? []).filter { next.data[name]?.has($0) != true }.map { "\(name).\($0)" }
            lacking += items.isEmpty ? [name] : items
        }
        return lacking
    }
}

extension CEL.Value {
    /// Whether a member is there and says something.
    fileprivate func has(_ name: String) -> Bool {
        switch member(name) {
        case nil, .null?, .string("")?: false
        default: true
        }
    }
}
