/// Metrics in Prometheus' text format, version 0.0.4.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
public struct MetricsText: Sendable {
    /// The text so far; complete after every call.
    public private(set) var text = ""

    /// The media type of the text.
    public static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// Creates an empty text.
    public init() {}

    /// A number that only grows, with a value for each set of labels.
    public mutating func counter(
        _ name: String, _ help: String, _ values: [(labels: [(String, String)], value: UInt64)]
    ) {
        begin(name, "counter", help)
        for (labels, value) in values { line(name, labels, "\(value)") }
    }

    /// A number that rises and falls, with a value for each set of labels.
    public mutating func gauge(
        _ name: String, _ help: String, _ values: [(labels: [(String, String)], value: Double)]
    ) {
        begin(name, "gauge", help)
        for (labels, value) in values { line(name, labels, Self.number(value)) }
    }

    /// A distribution.
    public mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
        begin(name, "histogram", help)
        let (cumulative, sum) = histogram.reading
        for (bound, count) in zip(histogram.bounds, cumulative) {
            line("\(name)_bucket", [("le", Self.number(bound))], "\(count)")
        }
        let total = cumulative.last ?? 0
        line("\(name)_bucket", [("le", "+Inf")], "\(total)")
        line("\(name)_sum", [], Self.number(sum))
        line("\(name)_count", [], "\(total)")
    }

    private mutating func begin(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(type)\n"
    }

    private mutating func line(_ name: String, _ labels: [(String, String)], _ value: String) {
        let pairs = labels.map { "\($0)=\"\(Self.escaped($1, quotes: true))\"" }.joined(separator: ",")
        text += pairs.isEmpty ? "\(name) \(value)\n" : "\(name){\(pairs)} \(value)\n"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
