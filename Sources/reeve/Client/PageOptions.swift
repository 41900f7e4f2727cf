import ArgumentParser
import JSON

/// How much of a list is shown.
struct PageOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Greatest number of rows.", valueName: "n"))
    var limit = 50

    @Flag(help: "Everything, page after page.")
    var all = false

    /// Some or all elements of a list, and the cursor of the next page.
    struct Page {
        var items: [JSON]
        var next: String?
    }

    /// Reads as many pages as are wanted.
    func read(_ remote: Remote, _ path: [String], _ query: [(String, String?)]) throws(Failure) -> Page {
        var page = Page(items: [], next: nil)
        repeat {
            let size = all ? 200 : min(limit - page.items.count, 200)
            let answer = try remote.get(path, query + [("limit", String(size)), ("after", page.next)])
            page.items += answer["items"]?.arrayValue ?? []
            page.next = answer["next"]?.stringValue
        } while page.next != nil && (all || page.items.count < limit)
        return page
    }

    /// Prints the rows, and says when there are more.
    func show(_ table: Table, _ page: Page, nothing: String) {
        if table.isEmpty { return Console.write(nothing) }
        Console.write(table.text)
        if page.next != nil { Console.error("There are more; --limit N or --all shows them.") }
    }
}

extension Console {
    /// Writes the elements of a list as JSON.
    static func write(_ page: PageOptions.Page) {
        write(["items": .array(page.items), "next": page.next.map(JSON.string) ?? .null])
    }
}

extension JSON? {
    /// The value as a cell of a table.
    var words: String {
        switch self {
        case nil, .null?: ""
        case .string(let text)?: text
        case .bool(let value)?: value ? "yes" : "no"
        case .array(let items)?: items.map { Optional($0).words }.joined(separator: ", ")
        case let value?: value.text()
        }
    }
}

extension JSON {
    /// The name of a task, approval, clock or child as the command line takes it: `NAME` or `NAME/KEY`.
    var itemName: String {
        let key = self["key"].words
        return key.isEmpty ? self["name"].words : "\(self["name"].words)/\(key)"
    }
}
