/// Finds the name that a mistyped one stands for.
enum Spelling {
    /// The candidate nearest to `text`; nil where none is near enough to be meant.
    static func nearest(to text: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(text.lowercased().unicodeScalars.prefix(64))
        let limit = max(1, wanted.count / 3)
        var best: (name: String, distance: Int)?
        for candidate in candidates where candidate != text {
            let letters = Array(candidate.lowercased().unicodeScalars.prefix(64))
            guard abs(letters.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, letters)
            guard distance <= limit else { continue }
            if best.map({ (distance, candidate) < ($0.distance, $0.name) }) ?? true { best = (candidate, distance) }
        }
        return best?.name
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
    static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforePrevious = [Int](repeating: 0, count: right.count + 1)
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1] + [Int](repeating: 0, count: right.count)
            for column in right.indices {
                let cost = left[row] == right[column] ? 0 : 1
                var best = min(previous[column + 1] + 1, current[column] + 1, previous[column] + cost)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, beforePrevious[column - 1] + 1)
                }
                current[column + 1] = best
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }

    /// A title made from a name: `riskOwner` and `risk-owner` become `Risk owner`.
    static func title(of name: String) -> String {
        var result = ""
        for character in name {
            if character == "-" || character == "_" {
                result.append(" ")
            } else if character.isUppercase, let last = result.last, last.isLowercase {
                result.append(" " + character.lowercased())
            } else {
                result.append(result.isEmpty ? Character(character.uppercased()) : character)
            }
        }
        return result
    }

    /// Names for a message: `a`, `b` or `c`.
    static func list(_ names: some Collection<String>, or last: String = "or") -> String {
        let quoted = names.map { "`\($0)`" }
        guard quoted.count > 1, let end = quoted.last else { return quoted.first ?? "nothing" }
        return quoted.dropLast().joined(separator: ", ") + " \(last) " + end
    }
}
