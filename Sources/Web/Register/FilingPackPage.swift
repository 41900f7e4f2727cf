import JSON

/// What stands behind a filing, laid out for printing.
struct FilingPackPage {
    private let pack: JSON

    /// Lays out what the engine says of a filing.
    init(_ pack: JSON) { self.pack = pack }

    /// The page's body.
    var body: String {
        [heading, parties, deadline, checklist, decisions, evidence].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var heading: String {
        let visibility = pack["visibility"].plainWords
        let notes = [
            visibility == "normal"
                ? "" : "<p class=\"mark\">\(visibility == "privileged" ? "Privileged" : "Restricted")</p>",
            pack["kind"].plainWords == "exercise" ? "<p class=\"mark\">Exercise</p>" : "",
            pack["submission"]?["unapproved"] == true ? "<p class=\"mark\">Sent without release</p>" : "",
        ]
        return """
            \(notes.joined())
            <h1>\(pack["title"].plainWords.escapedForHTML)</h1>
            <p>\(pack["reference"].plainWords.escapedForHTML) to \(pack["recipient"].plainWords.escapedForHTML), \
            \(pack["state"].plainWords.escapedForHTML). Instants are in UTC. Reeve computes and does not advise.</p>
            """
    }

    private var parties: String {
        func party(_ title: String, _ value: JSON?, _ members: [(String, String)]) -> [(String, String)] {
            guard let value, value != .null else { return [] }
            let rest = members.compactMap { name, words in
                let text = value[name].plainWords
                return text.isEmpty ? nil : "\(words) \(text)"
            }
            return [(title, ([value["title"].plainWords] + rest).joined(separator: "\n"))]
        }
        let belongs = (pack["case"]?.arrayValue ?? []).map { item in
            "\(item["reference"].plainWords) (\(item["workflow"].plainWords)) \(item["summary"].plainWords)"
        }
        return table(
            "Who and why",
            party("Owed by", pack["entity"], [("roles", "as"), ("dpo", "data protection officer")])
                + party(
                    "Authority", pack["authority"],
                    [("portal", "portal"), ("languages", "languages"), ("fallback", "otherwise")])
                + [
                    ("Regime", pack["regime"].plainWords), ("Why", pack["why"].plainWords),
                    ("Belongs to", belongs.joined(separator: "\n")),
                ])
    }

    private var deadline: String {
        let clock = pack["deadline"] ?? .null
        let sent = pack["submission"] ?? .null
        let steps = (clock["trace"]?.arrayValue ?? []).map { step in
            let source = step["source"].plainWords
            return (step["step"].plainWords, step["result"].plainWords + (source.isEmpty ? "" : "\n\(source)"))
        }
        let moves = (clock["history"]?.arrayValue ?? []).compactMap { change -> (String, String)? in
            guard ["clockMoved", "clockLatestMoved"].contains(change["change"].plainWords) else { return nil }
            let what = change["change"].plainWords == "clockMoved" ? "Due instant moved" : "Latest instant moved"
            return (
                what,
                "\(change["at"].plainWords): from \(change["from"].plainWords) to \(change["to"].plainWords), by "
                    + change["actor"].plainWords
            )
        }
        return table(
            "Deadline",
            [
                ("Rule", clock["rule"].plainWords), ("Due", clock["dueAt"].plainWords),
                ("Latest", clock["latestAt"].plainWords), ("Submitted", sent["submittedAt"].plainWords),
                ("Punctuality", sent["punctuality"].plainWords),
                ("Reasons for the delay", sent["lateReason"].plainWords),
                ("Receipt", sent["receipt"].plainWords), ("Discharged by", sent["dischargedBy"].plainWords),
            ] + steps + moves)
    }

    private var checklist: String {
        let list = pack["checklist"] ?? .null
        let fields = (list["fields"]?.arrayValue ?? []).map { field in
            """
            <tr><th>\(field["title"].plainWords.escapedForHTML)<small>\(field["source"].plainWords.escapedForHTML)</small></th>\
            <td>\(field["missing"] == true ? "<em>missing</em>" : field["value"].plainWords.htmlLines)</td></tr>
            """
        }
        let further = (list["further"]?.objectValue ?? [:]).map { name, value in
            "<tr><th>\(name.escapedForHTML)</th><td>\(Optional(value).plainWords.htmlLines)</td></tr>"
        }
        return "<h2>Contents</h2>\n<table>\n\((fields + further).joined(separator: "\n"))\n</table>"
    }

    private var decisions: String {
        table(
            "Decisions",
            (pack["decisions"]?.arrayValue ?? []).map { decision in
                let head = "\(decision["reference"].plainWords) \(decision["title"].plainWords)"
                let on = decision["at"].plainWords.isEmpty ? "" : ", \(decision["at"].plainWords)"
                let text = decision["text"].plainWords
                return (
                    head,
                    "\(decision["outcome"].plainWords) by \(decision["by"].plainWords)\(on)"
                        + (text.isEmpty ? "" : "\n\(text)")
                )
            })
    }

    private var evidence: String {
        table(
            "Evidence",
            (pack["evidence"]?.arrayValue ?? []).map { item in
                (
                    item["title"].plainWords,
                    [
                        "SHA-256 \(item["digest"].plainWords)", item["uri"].plainWords,
                        "\(item["reference"].plainWords), by \(item["addedBy"].plainWords), \(item["addedAt"].plainWords)",
                    ].filter { !$0.isEmpty }.joined(separator: "\n")
                )
            })
    }

    /// A heading with a table of two columns; rows that say nothing are left out.
    private func table(_ title: String, _ rows: [(String, String)]) -> String {
        let rows = rows.filter { !$0.1.isEmpty }
        guard !rows.isEmpty else { return "" }
        let lines = rows.map { "<tr><th>\($0.0.escapedForHTML)</th><td>\($0.1.htmlLines)</td></tr>" }
        return "<h2>\(title)</h2>\n<table>\n\(lines.joined(separator: "\n"))\n</table>"
    }
}
