import Deadlines
import JSON

/// The instances of the demonstration, as `demo/portfolio.yaml` describes them.
struct Portfolio {
    /// One instance that is opened, and what is done to it and its children.
    struct Entry {
        /// Distinguishes it from the others.
        var name: String
        /// When it began, in microseconds from the loading; negative for the past.
        var at: Int64
        /// What it counts as.
        var kind: String
        /// What is done, in order; the first step opens it.
        var steps: [Step]
    }

    /// One thing that somebody does.
    struct Step {
        /// Who does it.
        var by: By
        /// The child it is done to, as names and keys from the entry's instance; empty for that itself.
        var path: [(name: String, key: String)]
        /// What is done: `open`, `send`, `approve`, `complete`, `comment`, `suspend` or `cancel`.
        var verb: String
        /// To what it is done, or the words that are said.
        var object: String
        /// The fields sent with it.
        var form: JSON
    }

    /// Who does something.
    enum By {
        /// A person by identifier.
        case person(String)
        /// Whoever holds a role of the instance.
        case holder(String)
    }

    /// The entries in the order of loading.
    let entries: [Entry]

    private static let verbs = ["open", "send", "approve", "complete", "comment", "suspend", "cancel"]

    /// Reads the portfolio's file.
    init(_ path: String) throws(Failure) {
        let root = try PlainYAML.read(path)
        var entries: [Entry] = []
        for item in root["portfolio"]?.arrayValue ?? [] {
            let name = item["name"].words
            guard let at = Portfolio.offset(item["at"].words), let steps = item["steps"]?.arrayValue, !steps.isEmpty
            else { throw Failure("\(path): the entry \"\(name)\" needs `at`, a period, and `steps`") }
            var read: [Step] = []
            for step in steps { read.append(try Portfolio.step(step, in: "\(path): \(name)")) }
            entries.append(Entry(name: name, at: at, kind: item["kind"]?.stringValue ?? "real", steps: read))
        }
        self.entries = entries
    }

    private static func step(_ step: JSON, in place: String) throws(Failure) -> Step {
        guard let verb = verbs.first(where: { step[$0] != nil }) else {
            throw Failure("\(place): a step needs one of \(verbs.joined(separator: ", "))")
        }
        let by: By = step["by"]?["role"]?.stringValue.map(By.holder) ?? .person(step["by"].words)
        return Step(
            by: by, path: path(step["in"].words), verb: verb, object: step[verb].words, form: step["form"] ?? [:])
    }

    /// `disclosures[gdpr-authority].filings[notification]` in names and keys.
    private static func path(_ text: String) -> [(name: String, key: String)] {
        text.split(separator: ".").map { part in
            let pieces = part.split(separator: "[", maxSplits: 1)
            return (String(pieces[0]), pieces.count == 2 ? String(pieces[1].dropLast()) : "")
        }
    }

    /// A period such as `-P2DT3H` in microseconds, days counted as 24 hours; nil where it is none.
    static func offset(_ text: String) -> Int64? {
        let isNegative = text.hasPrefix("-")
        guard let period = try? Period(isNegative ? String(text.dropFirst()) : text), period.totalMonths == 0 else {
            return nil
        }
        let length = Int64(period.totalDays) * 86_400_000_000 + period.microseconds
        return isNegative ? -length : length
    }

    /// A form with texts such as `@-PT10M` replaced by the instant so long before or after another.
    static func resolve(_ form: JSON, from instant: Instant) -> JSON {
        switch form {
        case .string(let text) where text.hasPrefix("@"):
            guard let offset = offset(String(text.dropFirst())) else { return form }
            return .string(instant.advanced(by: offset).description)
        case .array(let elements): return .array(elements.map { resolve($0, from: instant) })
        case .object(let members):
            return .object(JSONObject(members.map { ($0.key, resolve($0.value, from: instant)) }))
        default: return form
        }
    }
}
