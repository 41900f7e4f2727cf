/// A picture of a definition: states, the edges between them, and what stands at the states.
///
/// The order of everything follows the definition, so that the same definition always gives the same text.
struct Diagram {
    /// A state with the lines below its title.
    struct Box {
        let name: String
        let title: String
        let notes: [String]
        let isFinal: Bool
    }

    /// An arrow; several ways between two states stay several arrows.
    struct Arrow {
        let from: String
        let to: String
        let label: String
        let isAlways: Bool
    }

    let title: String
    let initial: String
    let boxes: [Box]
    let arrows: [Arrow]

    init(_ definition: Definition) {
        title = definition.title
        initial = definition.initial
        let graph = StateGraph(definition)
        boxes = definition.states.map { state in
            Box(
                name: state.name, title: state.title ?? Spelling.title(of: state.name),
                notes: Self.notes(state, definition), isFinal: state.isFinal)
        }
        arrows = definition.states.flatMap { state in
            graph.edges(from: state.name).filter(\.moves).map { edge in
                Arrow(from: edge.from, to: edge.to, label: Self.label(edge), isAlways: edge.isAlways)
            }
        }
    }

    /// The event with its condition in brackets; for an eventless edge the condition alone.
    private static func label(_ edge: StateGraph.Edge) -> String {
        let condition = edge.branch?.when ?? edge.event?.guards.first?.when
        let guardText = condition.map { "[\(shortened($0.source))]" }
        return [edge.event?.name, guardText].compactMap { $0 }.joined(separator: " ")
    }

    /// A condition on one line, at most 40 characters long.
    static func shortened(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > 40 ? line.prefix(39) + "…" : line
    }

    private static func notes(_ state: Definition.State, _ definition: Definition) -> [String] {
        var notes: [String] = []
        for event in definition.events(in: state) {
            if case .stay = event.outcome { notes.append("↺ \(event.name)") }
        }
        notes += state.tasks.map { "task \($0.name)" }
        notes += state.approvals.map { approval in
            "approval \(approval.name)" + (approval.quorum > 1 ? " (\(approval.quorum))" : "")
        }
        for clock in definition.clocks where starts(clock, in: state.name, definition) {
            notes.append("clock \(clock.name)" + measure(clock.timing))
            notes += ladder(clock.timing, definition)
        }
        for child in definition.children where isIn(child.start, state.name) {
            notes.append("child \(child.name): \(child.workflow)" + (child.each == nil ? "" : " for each"))
        }
        return notes
    }

    private static func isIn(_ condition: Definition.Condition, _ state: String) -> Bool {
        if case .states(let names) = condition.kind { return names.contains(state) }
        return false
    }

    /// A clock is noted where it starts; one that starts by event or expression, at the initial state.
    private static func starts(_ clock: Definition.Clock, in state: String, _ definition: Definition) -> Bool {
        if case .states = clock.start.kind { return isIn(clock.start, state) }
        return state == definition.initial
    }

    private static func measure(_ timing: Definition.Timing) -> String {
        switch timing.measure {
        case .goal(.fixed(.period(let period))): " \(period)"
        case .goal(.fixed(.workingDays(let days, _))): " \(days) working days"
        case .goal(.fixed(.workingHours(let hours, _))): " \(hours) working hours"
        case .goal(.computed): ""
        case .until(let formula): " until \(shortened(formula.source))"
        case .rule(.fixed(let rule), _): " \(rule)"
        case .rule(.computed, _): " by rule"
        }
    }

    private static func ladder(_ timing: Definition.Timing, _ definition: Definition) -> [String] {
        guard case .fixed(let name)? = timing.escalation,
            let ladder = definition.escalations.first(where: { $0.name == name })
        else { return [] }
        let rungs = ladder.rungs.map { rung in
            switch rung.moment {
            case .share(let share): "\(Int((share * 100).rounded()))%"
            case .before(let period): "−\(period)"
            case .after(let period): "+\(period)"
            }
        }
        return ["  \(name): \(rungs.joined(separator: " "))"]
    }
}
