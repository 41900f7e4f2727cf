import CEL
import JSON
import YAML

// The subset of JSON Schema 2020-12 that describes data, and what Reeve adds to it.
extension DefinitionDecoder {
    private static let commonKeys = ["type", "title", "description", "enum", "default", "$ref", "format"]
    private static let textKeys = ["minLength", "maxLength", "pattern"]
    private static let numberKeys = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]
    private static let listKeys = ["items", "minItems", "maxItems", "uniqueItems"]
    private static let objectKeys = ["properties", "required"]
    private static let derivedKeys = ["compute", "when", "checklist"]

    /// The types of values as words of the language.
    private enum TypeWord: String, CaseIterable {
        case object, array, string, integer, number, boolean
    }

    func rootSchema(_ element: Element) -> Definition.Schema? {
        let keys = ["type", "title", "description"] + Self.objectKeys
        guard let record = Record(element, "`data`", keys: keys, log: log) else { return nil }
        if let type = record["type"], type.node.string != "object" {
            invalid(type, "`data` is an object", expected: "`type: object`")
        }
        var schema = Definition.Schema(
            shape: .object(fields: fields(record, isRoot: true)), position: element.position)
        schema.title = record["title"].flatMap { text($0) }
        schema.explanation = record["description"].flatMap { text($0) }
        return schema
    }

    private func fields(_ record: Record, isRoot: Bool) -> [Definition.Field] {
        let entries = named(record["properties"], "field")
        let required = record["required"].map { names($0, "the name of a field") } ?? []
        for name in required where !entries.contains(where: { $0.name == name }) {
            guard let element = record["required"] else { continue }
            let item = element.elements.first { $0.node.string == name } ?? element
            log.report(
                .unknownName, at: item.position, length: item.length, "there is no field `\(name)`",
                suggestion: Spelling.nearest(to: name, among: entries.map(\.name)))
        }
        return entries.compactMap { field($0, isRequired: required.contains($0.name), isRoot: isRoot) }
    }

    /// The fields of a task's result; all are asked for unless they have a default.
    func resultFields(_ element: Element) -> [Definition.Field] {
        named(element, "field of the result").compactMap { entry in
            field(entry, isRequired: false, isRoot: false)
        }
    }

    private func field(_ entry: NamedElement, isRequired: Bool, isRoot: Bool) -> Definition.Field? {
        guard let schema = schema(entry.value, allowsDerived: isRoot) else { return nil }
        var field = Definition.Field(
            name: entry.name, schema: schema, isRequired: isRequired, position: entry.key.position)
        guard isRoot, entry.value.node.mapping != nil else { return field }
        func part(_ key: String) -> Element? {
            entry.value.entries.first { $0.name == key && $0.value.node.scalar?.isAbsent != true }?.value
        }
        field.compute = part("compute").flatMap(formula)
        field.when = part("when").flatMap(formula)
        field.checklist = part("checklist").flatMap(formula)
        if let when = part("when"), part("compute") == nil {
            log.report(.missingKey, at: when.position, length: when.length, "`when` needs `compute` beside it")
        }
        if let compute = part("compute") {
            if isRequired {
                log.report(
                    .conflictingKeys, at: compute.position,
                    "`\(entry.name)` is computed and may be unset, so it cannot be required")
            }
            if part("default") != nil || part("checklist") != nil {
                log.report(
                    .conflictingKeys, at: compute.position, "a computed field has neither `default` nor `checklist`")
            }
        }
        if let checklist = part("checklist") {
            if case .object = schema.shape { return field }
            log.report(.conflictingKeys, at: checklist.position, "`checklist` belongs to a field of `type: object`")
        }
        return field
    }

    func schema(_ element: Element, allowsDerived: Bool) -> Definition.Schema? {
        let keys = Self.commonKeys + Self.textKeys + Self.numberKeys + Self.listKeys + Self.objectKeys
        guard
            let record = Record(
                element, "a field", keys: keys + (allowsDerived ? Self.derivedKeys : []), log: log)
        else { return nil }
        if let reference = record["$ref"] { return referenced(reference, record) }
        guard let typeElement = record["type"] else {
            missing("type", in: record, "one of \(Spelling.list(TypeWord.allCases.map(\.rawValue)))")
            return nil
        }
        guard let type = choice(typeElement, TypeWord.self), let shape = shape(type, record) else { return nil }
        var schema = Definition.Schema(shape: shape, position: element.position)
        schema.title = record["title"].flatMap { text($0) }
        schema.explanation = record["description"].flatMap { text($0) }
        constrain(&schema, type, record)
        values(&schema, record)
        return schema
    }

    private func referenced(_ element: Element, _ record: Record) -> Definition.Schema? {
        guard let name = word(element, "`regimes/obligation` or `regimes/stage`") else { return nil }
        guard var schema = RegimeShape.schema(named: name, at: record.position) else {
            invalid(
                element, "there is no shape `\(name)`", expected: Spelling.list(RegimeShape.names),
                suggestion: Spelling.nearest(to: name, among: RegimeShape.names))
            return nil
        }
        schema.title = record["title"].flatMap { text($0) }
        schema.explanation = record["description"].flatMap { text($0) }
        for key in ["type", "enum", "default", "format", "items", "properties"] {
            guard let other = record[key] else { continue }
            log.report(.conflictingKeys, at: other.position, "`$ref` says everything; remove `\(key)`")
        }
        return schema
    }

    private func shape(_ type: TypeWord, _ record: Record) -> Definition.Shape? {
        switch type {
        case .object: return .object(fields: fields(record, isRoot: false))
        case .array:
            guard let items = record["items"] else {
                missing("items", in: record, "what the list holds")
                return nil
            }
            return schema(items, allowsDerived: false).map { .array(items: $0) }
        case .string: return .string
        case .integer: return .integer
        case .number: return .number
        case .boolean: return .boolean
        }
    }

    private func constrain(_ schema: inout Definition.Schema, _ type: TypeWord, _ record: Record) {
        let own: [String] =
            switch type {
            case .object: Self.objectKeys
            case .array: Self.listKeys
            case .string: Self.textKeys + ["format"]
            case .integer, .number: Self.numberKeys
            case .boolean: []
            }
        for key in Self.textKeys + Self.numberKeys + Self.listKeys + Self.objectKeys + ["format"] {
            guard !own.contains(key), let element = record[key] else { continue }
            log.report(
                .conflictingKeys, at: element.position, length: element.length,
                "`\(key)` has no meaning for `type: \(type.rawValue)`")
        }
        schema.format = record["format"].flatMap { choice($0, Definition.Format.self) }
        schema.minLength = record["minLength"].flatMap { integer($0, 0...1_000_000) }
        schema.maxLength = record["maxLength"].flatMap { integer($0, 0...1_000_000) }
        schema.pattern = record["pattern"].flatMap(pattern)
        schema.minimum = record["minimum"].flatMap(number)
        schema.maximum = record["maximum"].flatMap(number)
        schema.exclusiveMinimum = record["exclusiveMinimum"].flatMap(number)
        schema.exclusiveMaximum = record["exclusiveMaximum"].flatMap(number)
        schema.minItems = record["minItems"].flatMap { integer($0, 0...100_000) }
        schema.maxItems = record["maxItems"].flatMap { integer($0, 0...100_000) }
        schema.uniqueItems = record["uniqueItems"].flatMap(boolean) ?? false
        ordered(schema.minLength, schema.maxLength, record["maxLength"])
        ordered(schema.minItems, schema.maxItems, record["maxItems"])
        ordered(schema.minimum, schema.maximum, record["maximum"])
    }

    private func pattern(_ element: Element) -> String? {
        guard let text = text(element) else { return nil }
        do throws(RegexError) {
            _ = try CEL.Regex(text)
            return text
        } catch {
            invalid(element, "this is no regular expression: \(error.message)")
            return nil
        }
    }

    private func ordered<Value: Comparable>(_ least: Value?, _ greatest: Value?, _ element: Element?) {
        guard let least, let greatest, let element, greatest < least else { return }
        invalid(element, "nothing is both at least \(least) and at most \(greatest)")
    }

    private func values(_ schema: inout Definition.Schema, _ record: Record) {
        if let element = record["enum"] {
            if element.node.sequence?.isEmpty != false { wrongKind(element, "a list of the values allowed") }
            var allowed: [JSON] = []
            for item in element.node.sequence == nil ? [] : element.elements {
                warnOfBoolean(item)
                let value = item.json
                if let reason = PlainCheck.fault(in: value, for: schema) { invalid(item, reason) }
                if allowed.contains(value) { invalid(item, "this value stands in the list already") }
                allowed.append(value)
            }
            schema.allowed = allowed
        }
        if let element = record["default"] {
            warnOfBoolean(element)
            let value = element.json
            if let reason = PlainCheck.fault(in: value, for: schema) { invalid(element, reason) }
            schema.defaultValue = value
        }
    }
}
