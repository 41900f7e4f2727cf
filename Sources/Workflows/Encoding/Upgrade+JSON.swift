import JSON

extension Upgrade {
    /// The upgrade as it is journalled, and as people write it without `version` and `origin`.
    public var json: JSON {
        var object: JSONObject = ["version": .int(Int64(version))]
        for (name, texts) in maps where !texts.isEmpty {
            let sorted = texts.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
            object[name] = .object(JSONObject(sorted))
        }
        object.set("consents", strings: consents.map(\.description).sorted())
        var from: JSONObject = ["version": .int(Int64(origin.version))]
        from.set("derived", strings: origin.derived.sorted())
        let workflows = origin.workflows.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
        if !workflows.isEmpty { from["workflows"] = .object(JSONObject(workflows)) }
        object["from"] = .object(from)
        return .object(object)
    }

    private var maps: [(String, [String: String])] {
        [
            ("states", states), ("fields", fields), ("set", set), ("roles", roles), ("clocks", clocks),
            ("children", children),
        ]
    }

    /// Reads what ``json`` writes.
    public init(json: JSON, path: String) throws(DecodingFault) {
        let fields = try JSONFields(json, path: path)
        self.init(to: Int(try fields.int("version")))
        try read(fields)
        guard let from = fields.object["from"] else { return }
        let origin = try JSONFields(from, path: fields.at("from"))
        self.origin.version = Int(try origin.int("version", default: 0))
        self.origin.derived = Set(try origin.strings("derived"))
        self.origin.workflows = try origin.map("workflows", Self.text)
    }

    /// Reads what people write of it: renamings, values and consents.
    public init(to version: Int, plan: JSON) throws(DecodingFault) {
        let fields = try JSONFields(plan)
        let known = ["states", "fields", "set", "roles", "clocks", "children", "consents"]
        if let other = plan.objectValue?.keys.first(where: { !known.contains($0) }) {
            throw DecodingFault(path: other, expected: "one of \(known.joined(separator: ", ")) in its stead")
        }
        self.init(to: version)
        try read(fields)
    }

    private mutating func read(_ fields: JSONFields<JSON>) throws(DecodingFault) {
        states = try fields.map("states", Self.text)
        self.fields = try fields.map("fields", Self.text)
        set = try fields.map("set", Self.text)
        roles = try fields.map("roles", Self.text)
        clocks = try fields.map("clocks", Self.text)
        children = try fields.map("children", Self.text)
        consents = Set(
            try fields.list("consents") { (element, path) throws(DecodingFault) in
                guard let part = element.stringValue.flatMap(Part.init) else {
                    let kinds = Part.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                    throw DecodingFault(path: path, expected: "KIND:NAME, such as clock:respond; kinds are \(kinds)")
                }
                return part
            })
    }

    private static func text(_ json: JSON, _ path: String) throws(DecodingFault) -> String {
        guard let text = json.stringValue else { throw DecodingFault(path: path, expected: "a text") }
        return text
    }
}

extension Upgrade.Need {
    /// The need as programs read it.
    public var json: JSON {
        [
            "kind": .string(part.kind.rawValue), "name": .string(part.name), "message": .string(message),
            "remedy": .string(remedy),
        ]
    }
}
