import Deadlines
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Where the tests find their data.
enum Place {
    /// The root of the checkout.
    static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    /// Shared data beside the project, which need not be there.
    static var shared: String? {
        let named = getenv("REEVE_SHARED").map { String(cString: $0) }
        return [named, root + "/../shared", root + "/../../shared"].compactMap { $0 }.first { access($0, R_OK) == 0 }
    }

    static func text(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The almanac that ships with Reeve.
func shippedAlmanac() throws -> Almanac {
    try Almanac(workflows: Place.root + "/workflows", zones: ZoneDatabase())
}

/// The rows of a CSV text (RFC 4180) by the names of its first.
func rows(ofCSV text: String) -> [[String: String]] {
    var table: [[String]] = []
    var (row, field, isQuoted) = ([String](), "", false)
    var previous: Character?
    for character in text.replacing("\r\n", with: "\n") {
        switch character {
        case "\"":
            if !isQuoted, previous == "\"" { field.append("\"") }
            isQuoted.toggle()
        case "," where !isQuoted:
            row.append(field)
            field = ""
        case "\n" where !isQuoted:
            table.append(row + [field])
            (row, field) = ([], "")
        default:
            field.append(character)
        }
        previous = character
    }
    if !field.isEmpty || !row.isEmpty { table.append(row + [field]) }
    guard let names = table.first else { return [] }
    return table.dropFirst().map { Dictionary(zip(names, $0)) { first, _ in first } }
}
