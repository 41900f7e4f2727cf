import JSON

/// Where a Reeve that runs on this machine is, and a token for it: a file in its data directory that its owner alone
/// may read.
struct KnownServer {
    /// The address.
    var url: String
    /// The token of whoever started it.
    var token: String
    /// Tokens of the people of a demonstration, by identifier; `--as` uses them.
    var people: [String: String] = [:]

    private static func path(in directory: String) -> String { directory + "/client.json" }

    /// Reads the file; nil where there is none.
    static func read(in directory: String) throws(Failure) -> KnownServer? {
        let path = path(in: directory)
        guard Files.isFile(path) else { return nil }
        let bytes = try Files.read(path)
        guard let value = try? JSON(parsing: bytes), let url = value["url"]?.stringValue,
            let token = value["token"]?.stringValue
        else { throw Failure("\(path) is damaged; start `reeve up` anew, which writes it again") }
        var known = KnownServer(url: url, token: token)
        for (person, token) in value["people"]?.objectValue ?? [:] { known.people[person] = token.stringValue }
        return known
    }

    /// Writes the file.
    func write(in directory: String) throws(Failure) {
        let people = people.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
        let value: JSON = [
            "url": .string(url), "token": .string(token), "people": .object(JSONObject(people)),
        ]
        try Files.writePrivate(Self.path(in: directory), value.text(.pretty) + "\n")
    }
}
