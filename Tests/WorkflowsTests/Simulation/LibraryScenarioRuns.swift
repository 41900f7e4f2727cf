import Deadlines
import Foundation
import Testing

@testable import Workflows

/// Machines of all definitions in a folder, and the almanac of this checkout.
struct Library {
    let machines: [String: Machine]
    let simulation: Simulation

    init(_ folder: URL) throws {
        var machines: [String: Machine] = [:]
        for path in Folders.definitions(in: folder) {
            let definition = try Folders.decode(path, in: folder).get()
            machines[definition.name] = try Machine(definition)
        }
        self.machines = machines
        let folder = Folders.library.appending(path: "regimes")
        let regimes = try RegimeLibrary.decode(Folders.files(in: folder, suffix: ".yaml")) {
            Folders.bytes(folder, $0)
        }.get()
        let almanac = try Almanac(workflows: Folders.library.path, zones: ZoneDatabase())
        simulation = Simulation(machines, almanac: almanac, regimes: regimes)
    }

    static func scenario(_ path: String, in folder: URL) throws -> Scenario {
        let bytes = try #require(Folders.bytes(folder, path))
        return try Scenario.decode(bytes, path: path).get()
    }
}

@Suite("Scenarios hold")
struct LibraryScenarioRuns {
    @Test(arguments: Folders.files(in: Folders.library, suffix: ".scenario.yaml"))
    func libraryScenarioHolds(path: String) throws {
        let scenario = try Library.scenario(path, in: Folders.library)
        let report = try Library(Folders.library).simulation.run(scenario)
        #expect(report.failures.map(\.description) == [])
        #expect(!report.timeLine.moments.isEmpty)
    }

    @Test(arguments: Folders.files(in: Folders.drafts, suffix: ".scenario.yaml"))
    func draftScenarioHolds(path: String) throws {
        let scenario = try Library.scenario(path, in: Folders.drafts)
        let report = try Library(Folders.drafts).simulation.run(scenario)
        #expect(report.failures.map(\.description) == [])
    }

    @Test func draftsArePresentOrSkipped() {
        if Folders.definitions(in: Folders.drafts).isEmpty {
            print("skipped: no drafts beside this checkout, in \(Folders.drafts.path)")
        }
    }
}
