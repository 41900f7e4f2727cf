import Deadlines
import JSON
import Workflows

/// What is written to a receiver about one outward act.
struct Wording: Sendable {
    var subject: String
    var text: String
    var type: String
    var facts: JSONObject

    /// Words for a row of the outbox.
    ///
    /// - Parameters:
    ///   - address: URL of this installation for links, without a slash at its end; nil for no links.
    ///   - zones: what instants are told with: "Tuesday, 30 June 2026, 24:00 (Berlin)".
    init(_ row: OutboxRow, address: String?, zones: ZoneDatabase) {
        let zone = (try? zones.zone(row.zone)) ?? .utc
        let body = (try? row.body.json)?.objectValue ?? JSONObject()
        let reference = body["reference"]?.stringValue ?? ""
        facts = body
        facts["instance"] = .string(row.instance.description)
        facts["tenant"] = .string(row.tenant.description)
        facts["sequence"] = .int(row.sequence)
        if row.isDiscreet {
            for name in facts.keys where !["instance", "tenant", "sequence", "exercise"].contains(name) {
                facts[name] = nil
            }
        }
        let link = address.map { "\($0)/instances/\(row.instance)" }
        if let link { facts["link"] = .string(link) }
        type = row.kind
        if row.kind == "call" {
            subject = reference
            text = ""
        } else if row.isDiscreet {
            facts["person"] = .string(row.destination)
            subject = "A hidden instance needs attention"
            text = """
                Something is due in \(reference), which is not open to you, and you are named to be told. An administrator \
                can let you see it.
                """
        } else {
            let notification = try? Notification(json: .object(body), recipient: row.destination)
            facts["person"] = .string(row.destination)
            subject = notification?.subject ?? Self.subject(notification, reference, zone)
            var lines = [notification?.body ?? Self.text(notification, reference, body, zone)]
            if let link { lines.append(link) }
            text = lines.joined(separator: "\n\n")
        }
        if body["exercise"] == true {
            subject = "EXERCISE: \(subject)"
            if !text.isEmpty { text = "This is an exercise.\n\n\(text)" }
        }
    }

    private static func subject(_ notification: Notification?, _ reference: String, _ zone: Zone) -> String {
        guard let notification else { return reference }
        guard let clock = notification.clock else { return "\(reference): \(words(notification.template))" }
        let name = words(clock.name)
        if notification.isOverdue { return "\(reference): \(name) is overdue" }
        return notification.due.map { "\(reference): \(name) is due \($0.wholeSeconds.words(in: zone))" }
            ?? "\(reference): \(name)"
    }

    private static func text(
        _ notification: Notification?, _ reference: String, _ body: JSONObject, _ zone: Zone
    ) -> String {
        var lines = ["\(reference) is in the state \(words(body["state"]?.stringValue ?? ""))."]
        if let clock = notification?.clock {
            let key = clock.key.isEmpty ? "" : " (\(clock.key))"
            let verb = notification?.isOverdue == true ? "was due" : "is due"
            let due = notification?.due.map { " \(verb) \($0.wholeSeconds.words(in: zone))" } ?? ""
            lines.append("\(words(clock.name))\(key)\(due).")
        }
        return lines.joined(separator: "\n")
    }

    /// A name of a definition as words: `firstReport` and `first-report` become `first report`.
    private static func words(_ name: String) -> String {
        var words = ""
        for character in name {
            if character == "-" || character == "_" {
                words.append(" ")
            } else if character.isUppercase, words.last?.isLowercase == true {
                words += " \(character.lowercased())"
            } else {
                words.append(character)
            }
        }
        return words
    }
}

extension Instant {
    /// The instant without its fraction of a second, as people are told it.
    var wholeSeconds: Instant { Instant(seconds: seconds) }
}
