extension Definition {
    /// The state diagram in the language of Graphviz.
    public var graphviz: String {
        let diagram = Diagram(self)
        var lines = [
            "digraph \(Graphviz.quoted(name)) {",
            "  label=\(Graphviz.quoted(diagram.title)); labelloc=t; rankdir=TB; fontname=\"Helvetica\";",
            "  node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=11];",
            "  edge [fontname=\"Helvetica\", fontsize=9];",
            "  \"(start)\" [shape=point, label=\"\"];",
        ]
        for box in diagram.boxes {
            let text = ([box.title] + box.notes).map(Graphviz.escaped)
            let label = text[0] + (text.count > 1 ? "\\n" + text.dropFirst().map { $0 + "\\l" }.joined() : "")
            let peripheries = box.isFinal ? ", peripheries=2" : ""
            lines.append("  \(Graphviz.quoted(box.name)) [label=\"\(label)\"\(peripheries)];")
        }
        lines.append("  \"(start)\" -> \(Graphviz.quoted(diagram.initial));")
        for arrow in diagram.arrows {
            let style = arrow.isAlways ? ", style=dashed" : ""
            lines.append(
                "  \(Graphviz.quoted(arrow.from)) -> \(Graphviz.quoted(arrow.to)) "
                    + "[label=\(Graphviz.quoted(arrow.label))\(style)];")
        }
        lines.append("}")
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Texts as Graphviz reads them.
private enum Graphviz {
    static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    /// Backslashes and quotes are escaped; other controls become spaces.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "\"":
                result.unicodeScalars.append("\\")
                result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: result.append(" ")
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
