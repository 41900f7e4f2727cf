import JSON

/// An instance laid out for people.
struct InstanceReport {
    private let instance: JSON

    /// Lays out what the API says of an instance.
    init(_ instance: JSON) {
        self.instance = instance
    }

    /// The sections that have something to say.
    var text: String {
        ([heading] + sections.filter { !$0.table.isEmpty }.map { "\($0.title)\n\($0.table.text)" })
            .joined(separator: "\n\n")
    }

    private var heading: String {
        let status = instance["status"].words
        var lines = [
            "\(instance["reference"].words)  \(instance["title"].words)",
            "state \(instance["state"].words), \(status), \(instance["kind"].words), entry \(instance["sequence"].words), "
                + "\(instance["workflow"].words) v\(instance["version"].words)",
            "opened \(instance["openedAt"].minute), last changed \(instance["lastAt"].minute)",
        ]
        if let parent = instance["parent"]?.stringValue { lines.append("opened by \(parent)") }
        return lines.joined(separator: "\n")
    }

    private var sections: [(title: String, table: Table)] {
        [
            ("Data", fields("data"))
        ] + lists + [
            ("Roles", fields("roles")), ("Clocks", clocks), ("Tasks", tasks), ("Approvals", approvals),
            ("Children", children), ("Links", links), ("Evidence", evidence), ("What can be sent", events),
        ]
    }

    /// The lists whose elements say why, each as a table of its own.
    private var lists: [(title: String, table: Table)] {
        (instance["data"]?.objectValue ?? [:]).filter { $0.value.isReasoned }.map { name, value in
            (name.prefix(1).uppercased() + name.dropFirst(), Table(listing: value.arrayValue ?? []))
        }
    }

    private func items(_ name: String) -> [JSON] { instance[name]?.arrayValue ?? [] }

    private func fields(_ name: String) -> Table {
        var table = Table("NAME", "VALUE")
        for (key, value) in instance[name]?.objectValue ?? [:] {
            if value.isReasoned {
                table.add(key, "\(value.arrayValue?.count ?? 0), listed below")
                continue
            }
            let elements = value.arrayValue ?? [value]
            guard elements.contains(where: { $0.objectValue != nil }) else {
                table.add(key, Optional(value).words)
                continue
            }
            for (index, element) in elements.enumerated() { table.add(index == 0 ? key : "", Self.brief(element)) }
        }
        return table
    }

    /// An object in one line that a person can read; `--json` has all of it.
    private static func brief(_ value: JSON) -> String {
        guard let members = value.objectValue else { return Optional(value).words }
        if let id = members["id"]?.stringValue, let title = members["title"]?.stringValue { return "\(id): \(title)" }
        let parts = members.compactMap { name, value -> String? in
            if value.objectValue != nil || value.arrayValue?.contains(where: { $0.objectValue != nil }) == true {
                return nil
            }
            let words = Optional(value).words.onOneLine
            return words.isEmpty ? nil : "\(name) \(words)"
        }
        let text = parts.joined(separator: ", ")
        return text.count <= 120 ? text : text.prefix(119) + "…"
    }

    private var clocks: Table {
        var table = Table("CLOCK", "ROUND", "STATUS", "STARTED", "DUE", "ENDED", "")
        for clock in items("clocks") {
            let late = clock["overdue"]?.boolValue == true ? "overdue" : ""
            let quiet = clock["acknowledgedBy"]?.stringValue.map { "acknowledged by \($0)" } ?? ""
            table.add(
                clock.itemName, clock["round"].words, clock["status"].words, clock["startedAt"].minute,
                clock["dueAt"].minute, clock["endedAt"].minute,
                [late, quiet].filter { !$0.isEmpty }.joined(separator: ", ")
            )
        }
        return table
    }

    private var tasks: Table {
        var table = Table("TASK", "STATUS", "TITLE", "FOR")
        for task in items("tasks") {
            let named = task["who"].words
            let people = task["doneBy"]?.stringValue ?? task["assignee"]?.stringValue
            table.add(
                task.itemName, task["status"].words, task["title"].words,
                people ?? (named.isEmpty ? task["from"].words : named))
        }
        return table
    }

    private var approvals: Table {
        var table = Table("APPROVAL", "STATUS", "TITLE", "FOR", "VOTES")
        for approval in items("approvals") {
            let votes = (approval["votes"]?.arrayValue ?? []).map { "\($0["person"].words) \($0["vote"].words)" }
            let people = approval["who"].words.isEmpty ? approval["from"].words : approval["who"].words
            table.add(
                approval.itemName, approval["status"].words, approval["title"].words, people,
                votes.joined(separator: ", "))
        }
        return table
    }

    private var children: Table {
        var table = Table("CHILD", "INSTANCE", "STATUS", "STATE")
        for child in items("children") {
            let name = child["reference"]?.stringValue ?? child["instance"].words
            table.add(child.itemName, name, child["status"].words, child["state"].words)
        }
        return table
    }

    private var links: Table {
        var table = Table("RELATION", "INSTANCE", "WORKFLOW", "STATE")
        for link in items("links") {
            table.add(link["relation"].words, link["reference"].words, link["workflow"].words, link["state"].words)
        }
        return table
    }

    private var evidence: Table {
        var table = Table("TITLE", "DIGEST", "WHERE")
        for item in items("evidence") {
            table.add(item["title"].words, String(item["digest"].words.prefix(16)), item["uri"].words)
        }
        return table
    }

    private var events: Table {
        var table = Table("EVENT", "ASKS FOR", "MAY HAVE", "BY")
        for event in items("events") {
            table.add(event["name"].words, event["form"].words, event["optional"].words, event["allow"].words)
        }
        return table
    }
}

/// The entries of a journal laid out for people.
struct JournalReport {
    private let entries: [JSON]

    /// Lays out what the API says of entries.
    init(_ entries: [JSON]) {
        self.entries = entries
    }

    /// One line an entry, and below it what people wrote and one line a note.
    var text: String {
        entries.map { entry in
            let from = entry["from"].words
            let to = entry["to"].words
            let move = from == to || from.isEmpty ? to : "\(from) → \(to)"
            let happened = entry["happenedAt"].minute
            let recorded = entry["recordedAt"].minute
            let when = happened.isEmpty || happened == recorded ? recorded : "\(recorded) (happened \(happened))"
            let head =
                "\(entry["sequence"].words)  \(when)  \(entry["event"].words) by \(entry["actor"].words): \(move)"
            let notes = (entry["facts"]?["notes"]?.arrayValue ?? []).map { "     \(Note($0).text)" }
            return ([head] + Self.words(of: entry) + notes).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// Remarks and reasons, or that they were erased; of an upgrade, the versions.
    private static func words(of entry: JSON) -> [String] {
        var words: [String] = []
        if let former = entry["facts"]?["input"]?["upgrade"]?["from"]?["version"] {
            words.append("from version \(Optional(former).words) to version \(entry["version"].words)")
        }
        for name in ["comment", "reason", "title", "uri"] {
            guard let text = entry["payload"]?["input"]?[name]?.stringValue else { continue }
            words.append("\(name): \(text)")
        }
        if entry["erasedAt"] != nil { words.append("what was written was erased on \(entry["erasedAt"].minute)") }
        if let reason = entry["facts"]?["reason"]?.stringValue { words.append("reason: \(reason)") }
        return words.map { "     \($0.onOneLine)" }
    }
}

/// A note of an entry: what followed, and for what.
private struct Note {
    private let note: JSON

    init(_ note: JSON) { self.note = note }

    var text: String {
        var words = [note["note"].words]
        if let item = note["item"] { words.append(item.itemName) }
        for (key, value) in note.objectValue ?? [:] where key != "note" && key != "item" {
            switch key {
            case "at", "due", "from", "to", "startedAt": add(key, Optional(value).minute, to: &words)
            // Counted from 0 for programs, and from 1 for people.
            case "rung": words.append("number \((value.intValue ?? 0) + 1)")
            case "skipped", "repetition": if value != 0 { add(key, Optional(value).words, to: &words) }
            default: add(key, Optional(value).words, to: &words)
            }
        }
        return words.joined(separator: " ")
    }

    private func add(_ key: String, _ text: String, to words: inout [String]) {
        if !text.isEmpty { words.append("\(key) \(text)") }
    }
}
