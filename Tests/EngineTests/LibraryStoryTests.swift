import Testing

@testable import Engine

@Suite("The library's story")
struct LibraryStoryTests {
    @Test("a breach opens its disclosures with their filings and clocks, and every journal folds")
    func breach() async throws {
        try await LibraryStory.run { story in
            let fixture = story.fixture
            let disclosures = try await fixture.count(
                "SELECT count(*) FROM reeve.instance WHERE definition = 'disclosure'")
            #expect(disclosures > 0)
            let statutory = "SELECT count(*) FROM reeve.clock WHERE rule = 'eu.gdpr.33-1' AND status = 'running'"
            #expect(try await fixture.count(statutory) == 1)
            #expect(
                try await fixture.count(
                    """
                    SELECT count(*)
                    FROM reeve.clock
                    WHERE rule = 'eu.gdpr.33-1' AND due_at >= timestamptz '\(story.aware)' + interval '72 hours'
                    """) == 1)
            #expect(try await fixture.engine.verifyJournals().discrepancies == [])
        }
    }
}
