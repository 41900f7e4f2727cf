import ArgumentParser
import JSON

/// The flags of commands that talk to a running Reeve.
struct RemoteOptions: ParsableArguments {
    @OptionGroup var settings: SettingOptions

    @Option(help: ArgumentHelp("Address of the running Reeve.", valueName: "url"))
    var url: String?

    @Option(
        help: ArgumentHelp("Data directory of `reeve up`, where its address and token are found.", valueName: "dir"))
    var data: String?

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("Act as this person of a demonstration that runs here.", valueName: "person"))
    var person: String?

    @Flag(help: "Print JSON.")
    var json = false

    /// The Reeve to talk to.
    func connect() throws(Failure) -> Remote {
        try Remote(settings.load([.url: url, .data: data]), as: person)
    }
}

/// What every command about an instance may say beside what it does.
struct Circumstances: ParsableArguments {
    @Option(
        name: .customLong("at"),
        help: ArgumentHelp("When it happened (RFC 3339); now where absent.", valueName: "instant"))
    var happenedAt: String?

    @Option(help: ArgumentHelp("The person for whom you act.", valueName: "person"))
    var onBehalfOf: String?

    @Option(help: ArgumentHelp("Names this request: repeated under the same key, it is done once.", valueName: "key"))
    var key: String?

    @Option(
        name: .customLong("if-version"),
        help: ArgumentHelp("Act only if the instance is at this entry.", valueName: "n"))
    var version: Int64?

    /// The body of a request with these circumstances.
    func body(_ members: JSONObject) -> JSON {
        var members = members
        if let happenedAt { members["happenedAt"] = .string(happenedAt) }
        if let onBehalfOf { members["onBehalfOf"] = .string(onBehalfOf) }
        return .object(members)
    }
}

/// Fields and roles of a form, written on the command line or in a file.
struct Fields: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "NAME=TEXT, or NAME:=JSON for numbers, booleans, lists and null; NAME=@FILE reads the text from a file.",
            valueName: "field"))
    var fields: [String] = []

    @Option(
        name: .customLong("form"),
        help: ArgumentHelp("A file with the fields as a JSON object; - is standard input.", valueName: "file"))
    var file: String?

    /// The fields as JSON; those on the command line win.
    func read() throws(Failure) -> JSONObject {
        var form: JSONObject = [:]
        if let file {
            let value = try Files.readJSON(file)
            guard let members = value.objectValue else {
                throw .usage("\(file): expected a JSON object, found \(value.kind)")
            }
            form = members
        }
        for field in fields { try add(field, to: &form) }
        return form
    }

    private func add(_ field: String, to form: inout JSONObject) throws(Failure) {
        guard let equals = field.firstIndex(of: "="), equals > field.startIndex else {
            throw .usage("\"\(field)\" is no field; write NAME=TEXT or NAME:=JSON")
        }
        let text = String(field[field.index(after: equals)...])
        let name = field[..<equals]
        if name.hasSuffix(":") {
            do throws(JSONError) {
                form[String(name.dropLast())] = try JSON(parsing: text)
            } catch {
                throw .usage("\"\(field)\": \(error.message); texts are written with = instead of :=")
            }
        } else if text.hasPrefix("@") {
            form[String(name)] = .string(String(decoding: try Files.read(String(text.dropFirst())), as: UTF8.self))
        } else {
            form[String(name)] = .string(text)
        }
    }
}

extension JSON {
    /// Says what a command has done: as JSON, or in a sentence.
    func reportDone(json: Bool, _ verb: String) {
        if json {
            Console.write(self)
            return
        }
        let reference = self["reference"]?.stringValue ?? "?"
        let state = self["state"]?.stringValue ?? "?"
        let status = self["status"]?.stringValue ?? "running"
        let ending = status == "running" ? "" : " and \(status)"
        Console.write("\(reference): \(verb); state \(state)\(ending), entry \(self["sequence"]?.description ?? "?")")
    }
}
