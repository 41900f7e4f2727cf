import Testing
import YAML

@Suite("Every node keeps its place")
struct PositionTests {
    @Test func keysAndValuesKnowLineAndColumn() throws {
        let root = try YAML.parse("a: 1\nb:\n  - x\n  - {c: 'd e', f: [1, 2]}\n")
        let list = try #require(root["b"])
        #expect((list.line, list.column) == (3, 3))
        let map = try #require(list.sequence?[1].mapping)
        #expect((map[0].keyNode.line, map[0].keyNode.column, map[0].keyNode.length) == (4, 6, 1))
        #expect((map[0].value.line, map[0].value.column, map[0].value.length) == (4, 9, 5))
        #expect(map["f"]?.sequence?[1].column == 23)
        #expect(map.keys == ["c", "f"])
        #expect(map.isFlow)
    }

    @Test func columnsCountUnicodeScalars() throws {
        let root = try YAML.parse("{ä: '€😀', b: 1}")
        #expect(root["b"]?.column == 14)
    }

    @Test func placesInsideTextAreFoundInTheFile() throws {
        func place(_ text: String, _ line: Int, _ column: Int) throws -> [Int] {
            let place = try #require(try YAML.parse(text)["k"]?.scalar).position(line: line, column: column)
            return [place.line, place.column]
        }
        #expect(try place("k: abc", 1, 3) == [1, 6])
        #expect(try place("k: 'abc'", 1, 3) == [1, 7])
        #expect(try place("k: 'a''bc'", 1, 3) == [1, 8])
        #expect(try place("k: \"a\\u0041c\"", 1, 3) == [1, 12])
        #expect(try place("k: \"\\nabc\"", 1, 9) == [1, 10])
        #expect(try place("k: |\n\n   ab\n   cd\n", 3, 2) == [4, 5])
        #expect(try place("k: >\n  ab\n  cd\n", 1, 4) == [1, 4])
        #expect(try place("k: ''", 1, 1) == [1, 5])
    }

    @Test func windowsLineEndsAndByteOrderMarksDoNotShiftPlaces() {
        expectFault("\u{FEFF}a: 1\r\nb: 2\r\na: 3\r\n", .duplicateKey, 3, 1)
    }
}
