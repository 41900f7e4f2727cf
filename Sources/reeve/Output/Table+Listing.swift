import JSON

extension Table {
    private static let members = ["id", "recipient", "verdict", "end", "provisional", "counsel", "why"]

    /// Objects that say why, such as obligations, a row each; the rest of them is in the JSON.
    init(listing objects: [JSON]) {
        let names = Self.members.filter { name in objects.contains { $0[name] != nil } }
        self.init(headings: names.map { $0.uppercased() })
        for object in objects { add(cells: names.map { object[$0].words }) }
    }
}

extension JSON {
    /// Whether it is a list of objects that say why.
    var isReasoned: Bool {
        arrayValue.map { !$0.isEmpty && $0.allSatisfy { $0["why"] != nil } } ?? false
    }
}
