import JSON

extension Schema {
    /// Every fault of a value, up to twenty; empty where it fits.
    func faults(in value: JSON) -> [Problem.Fault] {
        var faults: [Problem.Fault] = []
        check(value, at: "", &faults)
        return Array(faults.prefix(20))
    }

    private func check(_ value: JSON, at pointer: String, _ faults: inout [Problem.Fault]) {
        func expect(_ fits: Bool, _ expected: String) {
            if !fits {
                faults.append(Problem.Fault(place: pointer, message: "expected \(expected), found \(value.brief)"))
            }
        }
        switch self {
        case .anything: Schema.checkStorable(value, at: pointer, &faults)
        case .boolean: expect(value.boolValue != nil, "a boolean")
        case .number: expect(value.doubleValue != nil, "a number")
        case .integer(let range):
            expect(
                value.intValue.map(range.contains) ?? false,
                "a whole number\(range.words.isEmpty ? "" : " ")\(range.words)")
        case .text(let lengths, let format):
            guard let text = value.stringValue else { return expect(false, "a string") }
            expect(lengths.contains(text.unicodeScalars.count), "\(lengths.words) characters")
            expect(!text.utf8.contains(0), "no character NUL")
            if let format { expect(format.accepts(text), format.words) }
        case .choice(let choices):
            let listed = choices.map { "\"\($0)\"" }.joined(separator: ", ")
            expect(value.stringValue.map(choices.contains) ?? false, "one of \(listed)")
        case .list(let element, let limit):
            guard let elements = value.arrayValue else { return expect(false, "an array") }
            guard elements.count <= limit else { return expect(false, "at most \(limit) elements") }
            for (index, item) in elements.enumerated() { element.check(item, at: "\(pointer)/\(index)", &faults) }
        case .map(let element):
            guard let members = value.objectValue else { return expect(false, "an object") }
            for (key, item) in members {
                if key.utf8.contains(0) { expect(false, "names without the character NUL") }
                element.check(item, at: pointer + "/" + key.asPointerToken, &faults)
            }
        case .object(let properties):
            guard let members = value.objectValue else { return expect(false, "an object") }
            Schema.check(members, properties, at: pointer, &faults)
        case .nullable(let schema):
            if !value.isNull { schema.check(value, at: pointer, &faults) }
        case .component(_, let schema):
            schema.check(value, at: pointer, &faults)
        }
    }

    /// Looks for the character NUL, which PostgreSQL cannot keep, wherever it may be.
    private static func checkStorable(_ value: JSON, at pointer: String, _ faults: inout [Problem.Fault]) {
        switch value {
        case .string(let text) where text.utf8.contains(0):
            faults.append(Problem.Fault(place: pointer, message: "expected no character NUL"))
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                checkStorable(element, at: "\(pointer)/\(index)", &faults)
            }
        case .object(let members):
            for (key, member) in members {
                if key.utf8.contains(0) {
                    faults.append(Problem.Fault(place: pointer, message: "expected names without the character NUL"))
                }
                checkStorable(member, at: pointer + "/" + key.asPointerToken, &faults)
            }
        default: break
        }
    }

    private static func check(
        _ members: JSONObject, _ properties: [Property], at pointer: String, _ faults: inout [Problem.Fault]
    ) {
        for property in properties {
            let place = pointer + "/" + property.name.asPointerToken
            if let value = members[property.name] {
                property.schema.check(value, at: place, &faults)
            } else if property.isRequired {
                faults.append(Problem.Fault(place: place, message: "is missing: \(property.summary)"))
            }
        }
        let known = properties.map(\.name)
        for key in members.keys where !known.contains(key) {
            let known = known.isEmpty ? "nothing" : known.joined(separator: ", ")
            faults.append(
                Problem.Fault(place: pointer + "/" + key.asPointerToken, message: "is unknown; known are \(known)"))
        }
    }
}

extension JSON {
    /// The kind of value, with a short text in full.
    fileprivate var brief: String {
        switch self {
        case .string(let text) where text.utf8.count <= 40: "\"\(text)\""
        case .int(let value): String(value)
        default: kind
        }
    }
}

extension String {
    /// A reference token of RFC 6901.
    fileprivate var asPointerToken: String {
        var token = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "~": token += "~0"
            case "/": token += "~1"
            default: token.unicodeScalars.append(scalar)
            }
        }
        return token
    }
}

extension ClosedRange where Bound: BinaryInteger {
    /// The range in words, to follow a noun or to stand before one.
    fileprivate var words: String {
        if lowerBound == upperBound { return "\(lowerBound)" }
        if upperBound >= Int64.max { return lowerBound <= Int64.min ? "" : "from \(lowerBound)" }
        return "from \(lowerBound) to \(upperBound)"
    }
}
