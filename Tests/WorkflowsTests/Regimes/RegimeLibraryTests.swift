import Deadlines
import Foundation
import Testing

@testable import Workflows

@Suite struct RegimeLibraryTests {
    private func decode(_ files: [String: String]) -> Decoded<RegimeLibrary> {
        RegimeLibrary.decode(files.keys.sorted()) { path in files[path].map { Array($0.utf8) } }
    }

    private let small = """
        regime: eu.demo
        title: Demonstration
        obligations:
          - id: demo
            title: Tell somebody
            recipient: Somebody
            applies: data.personalData
            stages:
              - { id: first, title: First, rule: eu.demo.1, checklist: eu.demo.a }
              - { id: second, title: Second, rule: eu.demo.2, after: first, checklist: eu.demo.a }
        checklists:
          eu.demo.a:
            - { field: nature, title: Nature, source: Art. 1 }
        """

    @Test func aRegimeHasItsObligationsAndChecklists() throws {
        let library = try decode(["a.yaml": small]).get()
        let obligation = try #require(library.regimes.first?.obligations.first)
        #expect(obligation.id == "demo")
        #expect(obligation.stages.map(\.after) == ["", "first"])
        #expect(library.checklists["eu.demo.a"] == ["nature"])
    }

    @Test func faultsNameTheirPlace() throws {
        let broken = small.replacing("recipient: Somebody", with: "recipent: Somebody")
        let faults = decode(["a.yaml": broken]).faults
        #expect(faults.contains { $0.code == .unknownKey && $0.line == 6 && $0.suggestion == "recipient" })
    }

    @Test func anUnknownEarlierStageIsReported() {
        let broken = small.replacing("after: first", with: "after: zeroth")
        #expect(decode(["a.yaml": broken]).faults.contains { $0.code == .unknownName })
    }

    @Test func anIdentifierIsTakenOnce() {
        let faults = decode(["a.yaml": small, "b.yaml": small.replacing("eu.demo\n", with: "eu.twin\n")]).faults
        #expect(faults.contains { $0.code == .duplicateName })
    }

    @Test func anExpressionThatDoesNotParseIsReportedWhereItStands() {
        let broken = small.replacing("data.personalData", with: "data.personalData &&")
        #expect(decode(["a.yaml": broken]).faults.contains { $0.code == .invalidExpression && $0.line == 7 })
    }

    /// The folder of regimes that the product ships.
    private static let shipped = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "workflows/regimes").path()

    @Test func everyShippedRegimeNamesRulesAndChecklistsThatExist() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.shipped).filter { $0.hasSuffix(".yaml") }
        let library = try RegimeLibrary.decode(names.sorted()) { name in
            FileManager.default.contents(atPath: "\(Self.shipped)/\(name)").map { Array($0) }
        }.get()
        let rules = try RuleLibrary(directory: Self.shipped)
        let checklists = Set(library.regimes.flatMap(\.checklists).map(\.id))
        let stages = library.regimes.flatMap(\.obligations).flatMap(\.stages)
        #expect(stages.count >= 7)
        for stage in stages {
            #expect(rules.ids.contains(stage.rule), "\(stage.title) names rule \(stage.rule)")
            #expect(checklists.contains(stage.checklist), "\(stage.title) names checklist \(stage.checklist)")
        }
    }
}
