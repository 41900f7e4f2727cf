import Deadlines
import Foundation
import Testing

@testable import Workflows

/// Plays scenarios against definitions, both written as text, in the almanac of this checkout.
struct Play {
    let machines: [String: Machine]
    let simulation: Simulation

    /// - Parameter texts: definitions; each may leave out title, reference and an empty `open`.
    init(_ texts: String...) throws {
        var machines: [String: Machine] = [:]
        for text in texts {
            let definition = try Definition.decode(text: text).get()
            machines[definition.name] = try Machine(definition)
        }
        self.machines = machines
        simulation = Simulation(machines, almanac: try Almanac(workflows: Folders.library.path, zones: ZoneDatabase()))
    }

    /// Plays a scenario and expects it to hold; yields what happened.
    @discardableResult
    func holds(
        _ workflow: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> TimeLine {
        let scenario = try Scenario.decode(
            Array("workflow: \(workflow)\nscenario: A test\n\(text)\n".utf8), path: "scenario"
        ).get()
        let report = simulation.run(scenario)
        #expect(report.failures.map(\.description) == [], sourceLocation: sourceLocation)
        return report.timeLine
    }
}

extension TimeLine {
    /// The instants, in UTC, and the lines that hold a text.
    func lines(with text: String) -> [String] {
        moments.flatMap { moment in
            moment.lines.filter { $0.contains(text) }.map { "\(moment.at) \($0)" }
        }
    }
}
