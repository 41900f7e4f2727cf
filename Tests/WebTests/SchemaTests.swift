import JSON
import Testing

@testable import Web

@Suite struct SchemaTests {
    private let schema = Schema.object([
        .required("event", .text(1...10), "The event"),
        .optional("count", .integer(1...5), "How many"),
        .optional("at", .instant, "When"),
        .optional("tags", .list(of: .choice(["a", "b"]), limit: 2), "Tags"),
        .optional("with", .map(of: .boolean), "Switches"),
        .optional("note", .nullable(.prose), "Note"),
    ])

    private func faults(_ text: String) throws -> [String] {
        schema.faults(in: try JSON(parsing: text)).map { "\($0.place): \($0.message)" }
    }

    @Test func acceptsWhatFits() throws {
        let text = """
            {"event": "go", "count": 5, "at": "2026-03-27T21:00:00.5+01:00", "tags": ["a"], "with": {"x": true}, \
            "note": null}
            """
        #expect(try faults(text).isEmpty)
    }

    @Test(arguments: [
        (#"{}"#, "/event: is missing: The event"),
        (#"{"event": 1}"#, "/event: expected a string, found 1"),
        (#"{"event": ""}"#, "/event: expected from 1 to 10 characters, found \"\""),
        (#"{"event": "go", "count": 6}"#, "/count: expected a whole number from 1 to 5, found 6"),
        (#"{"event": "go", "count": 1.0}"#, "/count: expected a whole number from 1 to 5, found a number"),
        (#"{"event": "go", "tags": ["c"]}"#, #"/tags/0: expected one of "a", "b", found "c""#),
        (#"{"event": "go", "tags": ["a", "a", "a"]}"#, "/tags: expected at most 2 elements, found an array"),
        (#"{"event": "go", "with": {"a/b~c": 1}}"#, "/with/a~1b~0c: expected a boolean, found 1"),
        (#"{"event": "go", "evnt": 1}"#, "/evnt: is unknown; known are event, count, at, tags, with, note"),
        (#"[]"#, ": expected an object, found an array"),
    ])
    func namesThePlaceAndWhatWasExpected(_ text: String, _ fault: String) throws {
        #expect(try faults(text) == [fault])
    }

    @Test(arguments: [
        "2026-03-27", "2026-03-27T21:00:00", "2026-03-27T21:00:00+0100", "2026-03-27T21:00:00.Z",
        "2026-03-27X21:00:00Z", "yesterday or so, perhaps", "",
    ])
    func refusesWhatIsNoInstant(_ text: String) throws {
        #expect(try faults(#"{"event": "go", "at": "\#(text)"}"#).count >= 1)
    }

    @Test func listsManyFaultsButNotThemAll() throws {
        let members = (0..<100).map { #""x\#($0)": 1"# }.joined(separator: ", ")
        #expect(try faults("{\(members)}").count == 20)
    }

    @Test func describesItselfAsJSONSchema() {
        var components: [String: JSON] = [:]
        let described = Schema.list(of: .component("Go", schema), limit: 3).description(&components)
        #expect(
            described == ["type": "array", "items": ["$ref": "#/components/schemas/Go"], "maxItems": 3])
        #expect(components["Go"]?["required"] == ["event"])
        #expect(components["Go"]?["properties"]?["count"]?["maximum"] == 5)
        #expect(components["Go"]?["additionalProperties"] == false)
    }
}
