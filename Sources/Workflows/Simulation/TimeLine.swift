import Deadlines
import JSON

/// What happened in a simulation, in order.
public struct TimeLine: Sendable {
    /// One journal entry, or one refusal.
    public struct Moment: Sendable {
        /// When, in virtual time.
        public let at: Instant
        /// The instance's reference.
        public let instance: String
        /// Who acted.
        public let actor: String
        /// The event, or the act's name.
        public let event: String
        /// The state before; empty for opening.
        public let from: String
        /// The state after.
        public let to: String
        /// What followed, a line each.
        public let lines: [String]
        /// Why the input was refused; nil where it was not.
        public let rejection: String?
    }

    /// What happened.
    public internal(set) var moments: [Moment] = []

    /// Lines for people, with instants in a zone.
    public func text(in zone: Zone) -> String {
        var text = ""
        for moment in moments {
            let move =
                moment.from == moment.to ? moment.to : "\(moment.from.isEmpty ? "·" : moment.from) → \(moment.to)"
            text +=
                "\(moment.at.rfc3339(in: zone))  \(moment.instance)  \(moment.event) by \(moment.actor)  [\(move)]\n"
            if let rejection = moment.rejection { text += "    refused: \(rejection)\n" }
            for line in moment.lines { text += "    \(line)\n" }
        }
        return text
    }

    /// The moments as a list of objects.
    public var json: JSON {
        .array(
            moments.map { moment in
                var object: JSONObject = [
                    "at": .string(moment.at.description), "instance": .string(moment.instance),
                    "actor": .string(moment.actor), "event": .string(moment.event), "from": .string(moment.from),
                    "to": .string(moment.to), "log": .array(moment.lines.map(JSON.string)),
                ]
                if let rejection = moment.rejection { object["rejection"] = .string(rejection) }
                return .object(object)
            })
    }
}
