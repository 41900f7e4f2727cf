import JSON

/// The register as CSV and as a table for printing: the same columns in both.
enum RegisterTable {
    private static let columns: [(title: String, cell: @Sendable (JSON) -> String)] = [
        ("Reference", { $0["reference"].plainWords }),
        ("Kind", { $0["kind"].plainWords }),
        ("State", { $0["state"].plainWords }),
        ("What happened", { $0["facts"]?["summary"].plainWords ?? "" }),
        ("Nature", { $0["facts"]?["nature"].plainWords ?? "" }),
        ("Detected", { $0["facts"]?["detectedAt"].plainWords ?? "" }),
        ("Aware", { $0["facts"]?["awareAt"].plainWords ?? "" }),
        ("Restored", { $0["facts"]?["endedAt"].plainWords ?? "" }),
        ("Entities", { $0["facts"]?["entities"].plainWords ?? "" }),
        ("People affected", { affected($0["facts"]?["affected"]) }),
        ("Risk", { $0["effects"]?["risk"].plainWords ?? "" }),
        ("Consequences", { $0["effects"]?["consequences"].plainWords ?? "" }),
        ("Remedial action", remedies),
        ("Notified", { $0["notified"].plainWords }),
        ("Decisions", { decisions($0).joined(separator: "\n") }),
    ]

    /// RFC 4180, in UTF-8 with CR and LF.
    static func csv(_ records: [JSON]) -> String {
        let lines = [columns.map(\.title)] + records.map { record in columns.map { $0.cell(record) } }
        return lines.map { $0.map(cell).joined(separator: ",") + "\r\n" }.joined()
    }

    /// A cell in quotes; what a spreadsheet would take for a formula is shown as text.
    private static func cell(_ text: String) -> String {
        let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
        return "\"" + (isFormula ? "'" : "") + text.replacing("\"", with: "\"\"") + "\""
    }

    /// The body of the page, every breach with its columns beneath one another.
    static func html(_ records: [JSON]) -> String {
        let entries = records.map { record in
            let rows = columns.dropFirst().map { column in
                "<tr><th>\(column.title)</th><td>\(column.cell(record).htmlLines)</td></tr>"
            }
            return """
                <h2>\(record["reference"].plainWords.escapedForHTML)</h2>
                <table>
                \(rows.joined(separator: "\n"))
                </table>
                """
        }
        return """
            <h1>Register of personal-data breaches</h1>
            <p>GDPR Art. 33(5): the facts of every breach, its effects and the remedial action, notified or not. \
            \(records.count) \(records.count == 1 ? "breach" : "breaches"); instants are in UTC.</p>
            \(entries.joined(separator: "\n"))
            """
    }

    private static func affected(_ list: JSON?) -> String {
        (list?.arrayValue ?? []).map { place in
            let (low, high) = (place["low"].plainWords, place["high"].plainWords)
            let number = low == high ? low : "\(low.isEmpty ? "0" : low) to \(high.isEmpty ? "unknown" : high)"
            let kinds = place["kinds"].plainWords
            let more = [kinds, place["encrypted"] == true ? "encrypted" : ""].filter { !$0.isEmpty }
            return "\(place["jurisdiction"].plainWords): \(number.isEmpty ? "unknown" : number)"
                + (more.isEmpty ? "" : " (\(more.joined(separator: "; ")))")
        }.joined(separator: "\n")
    }

    private static func remedies(_ record: JSON) -> String {
        let done = record["remedialAction"] ?? .null
        let actions = (done["actions"]?.arrayValue ?? []).map { action in
            "\(action["reference"].plainWords): \(action["title"].plainWords) (\(action["state"].plainWords))"
        }
        return ([done["measures"].plainWords, done["lastUpdate"].plainWords].filter { !$0.isEmpty } + actions)
            .joined(separator: "\n")
    }

    private static func decisions(_ record: JSON) -> [String] {
        (record["decisions"]?.arrayValue ?? []).flatMap { decision -> [String] in
            let who = decision["decidedBy"].plainWords
            let rationale = decision["rationale"].plainWords
            let head =
                "\(decision["regime"].plainWords), \(decision["recipient"].plainWords): \(decision["outcome"].plainWords)"
                + (who.isEmpty ? "" : ", by \(who)") + (rationale.isEmpty ? "" : ": \(rationale)")
            let filings = (decision["filings"]?.arrayValue ?? []).map { filing in
                let sent = filing["submittedAt"].plainWords
                let late = filing["lateReason"].plainWords
                return
                    "  \(filing["reference"].plainWords) \(filing["title"].plainWords): due \(filing["dueAt"].plainWords), "
                    + (sent.isEmpty ? filing["state"].plainWords : "sent \(sent), \(filing["punctuality"].plainWords)")
                    + (late.isEmpty ? "" : "; reasons for the delay: \(late)")
            }
            let advice = (decision["advice"]?.arrayValue ?? []).map { advice in
                "  Advice of \(advice["by"].plainWords)\(advice["dissent"] == true ? " (dissent)" : ""): "
                    + advice["advice"].plainWords
            }
            return [head] + advice + filings
        }
    }
}

extension JSON? {
    /// A value in plain words: nothing for null, lists with semicolons, objects as JSON.
    var plainWords: String {
        switch self {
        case nil, .null?: ""
        case .string(let text)?: text
        case .bool(let value)?: value ? "yes" : "no"
        case .array(let items)?: items.map { Optional($0).plainWords }.joined(separator: "; ")
        case let value?: value.text()
        }
    }
}

extension String {
    /// The text as HTML shows it, its lines kept.
    var htmlLines: String { escapedForHTML.replacing("\n", with: "<br>") }
}
