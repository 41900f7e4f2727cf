import Glibc

/// A figure beside its reference.
struct Measurement {
    var name: String
    var value: Double
    var unit: String
    /// What it is compared with; nil where the limit is absolute.
    var reference: Double?
    var referenceName: String
    var limit: Double
    /// Whether the ratio may be at most the limit; otherwise it has to be at least that.
    var atMost = false

    var ratio: Double { reference.map { value / $0 } ?? value }

    var passes: Bool { atMost ? ratio <= limit : ratio >= limit }
}

enum Report {
    /// The results for people.
    static func table(_ results: [Measurement]) -> String {
        let header = ["name", "value", "unit", "reference", "of", "ratio", "limit", ""]
        let rows = results.map { result in
            [
                result.name, number(result.value), result.unit, result.reference.map(number) ?? "",
                result.referenceName, number(result.ratio), (result.atMost ? "≤ " : "≥ ") + number(result.limit),
                result.passes ? "pass" : "FAIL",
            ]
        }
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        return ([header] + rows).map { row in
            zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// Writes the results for programs.
    static func write(_ results: [Measurement], to path: String) throws {
        let objects = results.map { result in
            """
              {"name": "\(result.name)", "value": \(result.value), "unit": "\(result.unit)", \
            "reference": \(result.reference.map { "\($0)" } ?? "null"), "ratio": \(result.ratio), \
            "limit": \(result.limit), "atMost": \(result.atMost), "pass": \(result.passes)}
            """
        }
        guard let file = fopen(path, "w") else { throw UsageError("\(path) cannot be written") }
        fputs("[\n" + objects.joined(separator: ",\n") + "\n]\n", file)
        fclose(file)
    }

    /// Three significant digits, or whole where large.
    static func number(_ value: Double) -> String {
        if abs(value) >= 1000 { return String(Int(value.rounded())) }
        let scale: Double = abs(value) >= 100 ? 10 : 1000
        return String((value * scale).rounded() / scale)
    }
}

/// The middle of several runs, the later of two.
func median(_ values: [Double]) -> Double { values.isEmpty ? 0 : values.sorted()[values.count / 2] }
