import Glibc
import JSON

/// Follows a recomputation to its end, saying how far it is, and tells what has come of it.
struct RecomputationWatch {
    let remote: Remote
    let options: RemoteOptions

    /// The most moves that are shown to people; programs get all.
    private static let shown = 50

    /// - Parameter waits: whether to wait until the worker is done with it.
    /// - Throws: ``Failure/silent`` where it waits for a second person.
    func follow(_ asked: JSON, waits: Bool) throws(Failure) {
        var now = asked
        let id = asked["id"].words
        while waits, ["examining", "applying"].contains(now["status"].words) {
            usleep(300_000)
            now = try remote.get(["recomputations", id])
            progress(now)
        }
        if isTalking, waits { Console.error("") }
        let moves = try moves(of: id, all: options.json)
        if options.json {
            var object = now.objectValue ?? [:]
            object["moves"] = .array(moves.items)
            Console.write(.object(object))
        } else {
            show(now, moves)
        }
        if now["status"] == "waiting" { throw Failure.silent }
    }

    private var isTalking: Bool { !options.json && isatty(STDERR_FILENO) == 1 }

    /// One line that overwrites itself.
    private func progress(_ now: JSON) {
        guard isTalking else { return }
        let doing = now["status"] == "applying" ? "moved \(now["applied"].words), " : ""
        let line = "\r\(now["status"].words): \(doing)\(now["examined"].words) of \(now["total"].words) instances"
        _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }

    private func moves(of id: String, all: Bool) throws(Failure) -> PageOptions.Page {
        var page = PageOptions.Page(items: [], next: nil)
        repeat {
            let limit = String(all ? 200 : Self.shown)
            let answer = try remote.get(["recomputations", id, "moves"], [("limit", limit), ("after", page.next)])
            page.items += answer["items"]?.arrayValue ?? []
            page.next = answer["next"]?.stringValue
        } while all && page.next != nil
        return page
    }

    private func show(_ now: JSON, _ moves: PageOptions.Page) {
        if !moves.items.isEmpty { Console.write(moves.items.moveTable.text) }
        if moves.next != nil { Console.error("There are more; --json prints all.") }
        let counts =
            "\(now["moved"].words) of the clocks of \(now["total"].words) instances "
            + (now["status"] == "done" ? "moved" : "would move") + ", \(now["later"].words) to a later instant"
            + (now["failed"] == 0 ? "" : "; in \(now["failed"].words) instances something cannot be computed")
        Console.write(counts + ".")
        switch now["status"].words {
        case "waiting":
            Console.write(
                "Nothing has moved yet: a second person decides, with reeve deadlines approve \(now["id"].words) "
                    + "or reeve deadlines refuse \(now["id"].words).")
        case "examining", "applying":
            Console.write("It goes on; reeve deadlines show \(now["id"].words) says how far it is.")
        case "done":
            if let version = now["calendarVersion"]?.intValue {
                Console.write("The calendar \(now["calendar"].words) is in force as version \(version).")
            }
        default: break
        }
    }
}

extension [JSON] {
    /// Clocks that move, from when to when.
    var moveTable: Table {
        var table = Table("INSTANCE", "CLOCK", "DUE NOW", "THEN", "LATEST NOW", "THEN", "", "TITLE")
        for move in self {
            table.add(
                move["reference"].words, move.itemName, move["dueBefore"].minute, move["dueAfter"].minute,
                move["latestBefore"].minute, move["latestAfter"].minute, move["later"] == true ? "later" : "",
                move["failure"]?.stringValue ?? move["title"].words)
        }
        return table
    }
}

/// Shows what a command would move, in place of doing it.
struct Rehearsal {
    /// Asks, and tells what would move.
    static func show(_ remote: RemoteOptions, _ instance: String, _ body: JSON) throws(Failure) {
        let answer = try remote.connect().post(["instances", instance, "rehearsals"], body)
        if remote.json { return Console.write(answer) }
        let moves = answer["moves"]?.arrayValue ?? []
        Console.write(moves.isEmpty ? "No running clock would move." : moves.moveTable.text)
        let changes = answer["instances"]?.arrayValue ?? []
        if !changes.isEmpty { Console.write("\n" + changes.changeTable.text) }
    }
}

extension [JSON] {
    /// Instances that would change, and how.
    fileprivate var changeTable: Table {
        var table = Table("WOULD BE", "INSTANCE", "WORKFLOW", "STATE", "DUE", "CHILD")
        for change in self {
            let (from, to) = (change["from"].words, change["to"].words)
            table.add(
                change["change"].words, change["reference"]?.stringValue ?? "new", change["workflow"].words,
                from.isEmpty || from == to ? to : "\(from) → \(to)", change["due"].minute,
                [change["child"], change["key"]].compactMap { $0?.stringValue }.filter { !$0.isEmpty }
                    .joined(separator: "/"))
        }
        return table
    }
}
