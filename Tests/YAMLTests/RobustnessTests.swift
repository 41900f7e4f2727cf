import Testing
import YAML

@Suite("No bytes crash the reader")
struct RobustnessTests {
    private let seed = """
        workflow: incident   # remark
        include: [../shared/ladders.yaml]
        data: { type: object, required: [a, "b"], properties: { a: { type: string, maxLength: 200 } } }
        text: |
          two
            lines
        folded: >-
          one
          line
        states:
          - { guard: 'a ? b : c', "x": !y z, n: [1, 2.5, ~] }
        ? k
        : &anchor *alias
        """

    @Test func mutatedDocuments() {
        var random = SplitMix(state: 42)
        let alphabet = Array("\"'!&*?:-{}[],#|>%@` \t\n\r\\ax0".utf8) + [0, 0x80, 0xC3, 0xE2, 0xF0, 0xFF]
        for _ in 0..<4000 {
            var bytes = Array(seed.utf8)
            for _ in 0...Int.random(in: 0..<6, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[at] = alphabet.randomElement(using: &random) ?? 0
                case 1: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: at)
                case 2: bytes.remove(at: at)
                default: bytes.removeSubrange(at..<min(bytes.count, at + 20))
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            check(bytes)
        }
    }

    @Test func randomBytes() {
        var random = SplitMix(state: 7)
        let alphabet = Array("\"'!&*?:-{}[],#|> \nab1~".utf8)
        for _ in 0..<4000 {
            let count = Int.random(in: 0..<40, using: &random)
            check((0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 })
            check((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
    }

    /// There is a tree or a fault, and faults are in order and in the file.
    private func check(_ bytes: [UInt8]) {
        let (root, faults) = YAML.read(bytes)
        #expect(root != nil || !faults.isEmpty)
        #expect(faults.allSatisfy { $0.line >= 1 && $0.column >= 1 && $0.length >= 1 && !$0.message.isEmpty })
        #expect(faults.allSatisfy { !$0.message.contains("not valid YAML: out of memory") })
    }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
