/// The name most like a mistyped one; nil where none is near.
///
/// Distance is that of Levenshtein, at most a third of the letters.
func nearest(to text: String, among names: [String]) -> String? {
    let wanted = Array(text.lowercased().utf8.prefix(80))
    let limit = max(1, wanted.count / 3)
    var best: (name: String, distance: Int)?
    for name in names where abs(name.utf8.count - wanted.count) <= limit {
        let distance = editDistance(wanted, Array(name.lowercased().utf8))
        if distance <= limit, distance < best?.distance ?? .max { best = (name, distance) }
    }
    return best?.name
}

private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, byte) in left.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, other) in right.enumerated() {
            let above = row[j + 1]
            row[j + 1] = min(above + 1, row[j] + 1, diagonal + (byte == other ? 0 : 1))
            diagonal = above
        }
    }
    return row[right.count]
}
