import ArgumentParser
import Deadlines
import JSON
import Workflows

/// The command `reeve simulate`.
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a definition against a scenario in virtual time, and print what would happen when.",
        discussion: """
            Example: reeve simulate incident --scenario workflows/incident/severe.scenario.yaml

            The exit status is 1 when the scenario's expectations do not hold.
            """)

    @Argument(help: "A file, or a workflow of the library.")
    var workflow: String

    @Option(
        name: .customLong("scenario"),
        help: ArgumentHelp("The scenario; all beside the definition where absent.", valueName: "file"))
    var scenarios: [String] = []

    @Flag(inversion: .prefixedNo, help: "Open children in earnest, or as stubs; as the scenario says where absent.")
    var children: Bool?

    @Option(help: ArgumentHelp("Zone in which instants are shown.", valueName: "zone"))
    var zone = "Europe/Berlin"

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var settings: SettingOptions

    func run() throws {
        let share = try Share(settings.load())
        let definition = try WorkflowFiles.definition(workflow, share)
        var definitions = try WorkflowFiles.library(share).definitions
        definitions[definition.name] = definition
        let reports: [(path: String, report: Simulation.Report)]
        let place: Zone
        do {
            let zones = try ZoneDatabase()
            place = try zones.zone(zone)
            let simulation = Simulation(
                try definitions.mapValues { try Machine($0) },
                almanac: try share.almanac(zones),
                regimes: try WorkflowFiles.regimes(share))
            reports = try paths(definition, share).map { path in
                (path, simulation.run(try read(path, definition.name), realChildren: children))
            }
        } catch let error as DeadlineError {
            throw Failure(error.description)
        }
        show(reports, in: place)
        if reports.contains(where: { !$0.report.failures.isEmpty }) { throw Failure.silent }
    }

    private func paths(_ definition: Definition, _ share: Share) throws(Failure) -> [String] {
        if !scenarios.isEmpty { return scenarios }
        let directory = definition.position.file.parentPath
        let found = try Files.names(in: directory).filter { $0.hasSuffix(".scenario.yaml") }
        guard !found.isEmpty else {
            throw .usage("There is no scenario in \(directory); give one with --scenario FILE")
        }
        return found.map { "\(directory)/\($0)" }
    }

    private func read(_ path: String, _ workflow: String) throws(Failure) -> Scenario {
        let bytes = try Files.read(path)
        let scenario: Scenario
        do throws(Faults) {
            scenario = try Scenario.decode(bytes, path: path).get()
        } catch {
            throw Failure(error.description)
        }
        guard scenario.workflow == workflow else {
            throw .usage("\(path) is a scenario of \(scenario.workflow), not of \(workflow)")
        }
        return scenario
    }

    private func show(_ reports: [(path: String, report: Simulation.Report)], in zone: Zone) {
        if json {
            return Console.write(
                .array(
                    reports.map { path, report in
                        [
                            "scenario": .string(path), "moments": report.timeLine.json,
                            "failures": .array(
                                report.failures.map { failure in
                                    [
                                        "file": .string(failure.position.file),
                                        "line": .int(Int64(failure.position.line)),
                                        "column": .int(Int64(failure.position.column)),
                                        "message": .string(failure.message),
                                    ]
                                }),
                        ]
                    }))
        }
        for (path, report) in reports {
            if reports.count > 1 { Console.write("# \(path)") }
            Console.write(report.timeLine.text(in: zone))
            for failure in report.failures { Console.error(failure.description) }
        }
    }
}
