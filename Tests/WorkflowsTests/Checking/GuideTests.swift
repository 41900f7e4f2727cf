import Deadlines
import Foundation
import Testing
import Workflows

@Suite("The guide's examples are sound")
struct GuideTests {
    @Test func definitionAndScenarioCheckCleanAndHold() throws {
        let page = try #require(Folders.bytes(Folders.root, "docs/definitions/language.md"))
        let blocks = String(decoding: page, as: UTF8.self).components(separatedBy: "```yaml\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
        let definition = try #require(blocks.first { $0.contains("states:") })
        let scenario = try #require(blocks.first { $0.contains("steps:") })
        let files = ["access-review/access-review.yaml": definition, "access-review/late.scenario.yaml": scenario]
        let check = WorkflowCheck(files.keys.sorted()) { path in
            files[path].map { Array($0.utf8) } ?? Folders.bytes(Folders.library, path)
        }
        #expect(check.faults.map(\.description) == [])
        #expect(check.definitions.count == 1)
        let machines = try check.definitions.mapValues { try Machine($0) }
        let almanac = try Almanac(workflows: Folders.library.path, zones: ZoneDatabase())
        let played = try #require(check.scenarios.first?.scenario)
        let report = Simulation(machines, almanac: almanac).run(played)
        #expect(report.failures.map(\.description) == [])
    }
}
