import ArgumentParser
import JSON

/// The command `reeve tokens`.
struct Tokens: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, issue and revoke bearer tokens.",
        subcommands: [ListTokens.self, IssueToken.self, RevokeToken.self], defaultSubcommand: ListTokens.self)
}

/// The command `reeve tokens list`.
struct ListTokens: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List tokens, the newest first.")

    @OptionGroup var remote: RemoteOptions

    func run() throws {
        let list = try remote.connect().get(["tokens"])
        if remote.json { return Console.write(list) }
        var table = Table("ID", "NAME", "PERSON", "SCOPES", "CREATED", "EXPIRES", "REVOKED")
        for token in list.arrayValue ?? [] {
            table.add(
                token["id"].words, token["name"].words, token["person"].words, token["scopes"].words,
                token["createdAt"].minute, token["expiresAt"].minute, token["revokedAt"].minute)
        }
        Console.write(table.text)
    }
}

/// The command `reeve tokens issue`.
struct IssueToken: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue", abstract: "Make a token and print it; it cannot be shown again.")

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "What it is for; of a system the name by which definitions know it.")
    var name: String

    @Option(help: ArgumentHelp("The person it acts for; a system's where absent.", valueName: "person"))
    var person: String?

    @Option(
        name: .customLong("scope"),
        help: ArgumentHelp("What it may do: read, write, represent, admin, audit.", valueName: "scope")
    )
    var scopes: [String] = ["read", "write"]

    @Option(help: ArgumentHelp("When it ends (RFC 3339); never where absent.", valueName: "instant"))
    var expires: String?

    func run() throws {
        var body: JSONObject = ["name": .string(name), "scopes": .array(scopes.map(JSON.string))]
        if let person { body["person"] = .string(person) }
        if let expires { body["expiresAt"] = .string(expires) }
        let token = try remote.connect().post(["tokens"], .object(body))
        if remote.json { return Console.write(token) }
        Console.write(token["token"].words)
    }
}

/// The command `reeve tokens revoke`.
struct RevokeToken: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "revoke", abstract: "End a token.")

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "Identifier of the token, as `reeve tokens list` shows it.")
    var token: String

    func run() throws {
        _ = try remote.connect().send("DELETE", ["tokens", token])
        if !remote.json { Console.write("\(token) is revoked") }
    }
}
