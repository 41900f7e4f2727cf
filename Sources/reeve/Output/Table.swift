/// Rows under headings, aligned for people.
struct Table {
    private let headings: [String]
    private var rows: [[String]] = []

    /// An empty table.
    init(_ headings: String...) {
        self.headings = headings
    }

    /// An empty table with these headings.
    init(headings: [String]) {
        self.headings = headings
    }

    /// Appends a row; control characters are shown as spaces, so that data cannot break the layout.
    mutating func add(_ cells: String...) { add(cells: cells) }

    /// Appends a row of as many cells as there are headings.
    mutating func add(cells: [String]) {
        rows.append(cells.map(\.onOneLine))
    }

    /// Whether there are no rows.
    var isEmpty: Bool { rows.isEmpty }

    /// The lines, two spaces between columns, none at the end.
    var text: String {
        let lines = rows.isEmpty ? [] : [headings] + rows
        let widths = headings.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { cells in
            var line = ""
            for (column, cell) in cells.enumerated() {
                line += cell
                let isLast = cells[(column + 1)...].allSatisfy(\.isEmpty)
                if isLast { break }
                line += String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            return line
        }.joined(separator: "\n")
    }
}

extension String {
    /// The text with its control characters shown as spaces, so that data can neither break lines nor command a
    /// terminal.
    var onOneLine: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
