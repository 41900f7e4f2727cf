extension Definition {
    /// The state diagram in the language of Mermaid, which web pages and forges draw.
    ///
    /// Mermaid cannot dash an edge of a state diagram: eventless edges begin with `always`.
    public var mermaid: String {
        let diagram = Diagram(self)
        var lines = ["---", "title: \(Mermaid.quoted(diagram.title))", "---", "stateDiagram-v2"]
        var ids: [String: String] = [:]
        for (index, box) in diagram.boxes.enumerated() {
            let id = "s\(index)"
            ids[box.name] = id
            lines.append("  state \(Mermaid.quoted(box.title)) as \(id)")
        }
        if let id = ids[diagram.initial] { lines.append("  [*] --> \(id)") }
        for arrow in diagram.arrows {
            guard let from = ids[arrow.from], let to = ids[arrow.to] else { continue }
            let words = (arrow.isAlways ? ["always"] : []) + (arrow.label.isEmpty ? [] : [arrow.label])
            lines.append("  \(from) --> \(to) : \(Mermaid.plain(words.joined(separator: " ")))")
        }
        for box in diagram.boxes {
            guard let id = ids[box.name] else { continue }
            if box.isFinal { lines.append("  \(id) --> [*]") }
            guard !box.notes.isEmpty else { continue }
            lines.append("  note right of \(id)")
            lines += box.notes.map { "    " + Mermaid.plain($0) }
            lines.append("  end note")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Texts as Mermaid reads them.
private enum Mermaid {
    /// A text in double quotes, without any inside.
    static func quoted(_ text: String) -> String { "\"\(plain(text))\"" }

    /// A text without the characters that end or begin something in Mermaid.
    static func plain(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result.append("'")
            case ":": result.append("#58;")
            case ";": result.append("#59;")
            case "#": result.append("#35;")
            case "<": result.append("#lt;")
            case ">": result.append("#gt;")
            case "{": result.append("#123;")
            case "}": result.append("#125;")
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: result.append(" ")
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
