import Testing
import Workflows

@Suite("Each finding has a smallest definition that shows it, and a repaired twin that is clean")
struct FindingTests {
    @Test func theCleanDefinitionIsClean() {
        #expect(Example.faults(Example.clean).map(\.description) == [])
    }

    @Test(arguments: Example.text + Example.words)
    func whatTheTextShows(example: Example) { verify(example) }

    @Test(arguments: Example.names + Example.states)
    func whatNamesAndStatesShow(example: Example) { verify(example) }

    @Test(arguments: Example.clocks + Example.people)
    func whatClocksAndPeopleShow(example: Example) { verify(example) }

    @Test(arguments: Example.decisions + Example.contracts)
    func whatDecisionsAndOtherDefinitionsShow(example: Example) { verify(example) }

    @Test func everyCodeIsShown() {
        let shown = Set(
            (Example.text + Example.words + Example.names + Example.states + Example.clocks + Example.people
                + Example.decisions + Example.contracts).map(\.code))
        let elsewhere: Set<Fault.Code> = [
            // What only bytes, several files or two versions show.
            .yamlEncoding, .yamlSize, .yamlDepth, .yamlEmpty, .unreadableFile, .includeCycle, .upgradeState,
            .upgradeField, .upgradeClock, .upgradeChild, .upgradeWork, .upgradeRole,
        ]
        let missing = Set(Fault.Code.allCases).subtracting(shown).subtracting(elsewhere)
        #expect(missing.map(\.rawValue).sorted() == [])
    }

    private func verify(_ example: Example) {
        let broken = Example.faults(example.broken, others: example.others)
        let codes = Set(broken.map(\.code))
        #expect(codes.contains(example.code), "\(broken.map(\.description))")
        if !example.mayShowMore { #expect(codes == [example.code], "\(broken.map(\.description))") }
        #expect(broken.allSatisfy { $0.line >= 1 && $0.column >= 1 && $0.length >= 1 })
        let repaired = Example.faults(example.repaired, others: example.others)
        #expect(repaired.map(\.description) == [])
    }
}
