import Testing
import Workflows

/// The smallest definition that shows a finding, and its repaired twin, as changes to a clean one.
struct Example: Sendable, CustomTestStringConvertible {
    let code: Fault.Code
    let broken: String
    let repaired: String
    let others: [String]
    /// Whether findings of other kinds may stand beside the one that is shown.
    let mayShowMore: Bool

    /// - Parameters:
    ///   - old: a text that occurs once in ``clean``.
    ///   - new: what stands there in the broken definition.
    ///   - repair: what stands there in the repaired one; nil leaves it as it was.
    init(
        _ code: Fault.Code, _ old: String, _ new: String, repair: String? = nil, base: String = Example.clean,
        others: [String] = [], mayShowMore: Bool = false
    ) {
        self.code = code
        self.others = others
        self.mayShowMore = mayShowMore
        precondition(base.ranges(of: old).count == 1, "\(code): \(old) must occur once")
        broken = base.replacing(old, with: new)
        repaired = repair.map { base.replacing(old, with: $0) } ?? base
    }

    private init(
        _ code: Fault.Code, broken: String, repaired: String, others: [String], mayShowMore: Bool
    ) {
        self.code = code
        self.broken = broken
        self.repaired = repaired
        self.others = others
        self.mayShowMore = mayShowMore
    }

    /// The same example with a further change in both twins.
    func alsoReplacing(_ old: String, with new: String) -> Example {
        Example(
            code, broken: broken.replacing(old, with: new), repaired: repaired.replacing(old, with: new),
            others: others, mayShowMore: mayShowMore)
    }

    /// The same example, in which `check` runs the table `rate`.
    var decidingInsteadOfSetting: Example {
        alsoReplacing("{ set: { big: 'data.size > 9' } }", with: "{ decide: [rate] }")
    }

    var testDescription: String { code.rawValue }

    static let clean = """
        workflow: note
        title: Note
        reference: NOT
        roles:
          owner: { initially: opener }
        data:
          type: object
          required: [text]
          properties:
            text: { type: string }
            size: { type: integer, minimum: 0 }
            checkedAt: { type: string, format: date-time }
            big: { type: boolean, default: false }
        open: { form: [text] }
        initial: drafting
        states:
          drafting:
            on:
              check: { allow: [owner], form: [size], target: checked, actions: [{ set: { big: 'data.size > 9' } }] }
          checked:
            on:
              finish: { allow: [owner], form: [checkedAt], target: done }
          done: { final: true }
        clocks:
          finish: { start: { in: drafting }, goal: P1D, stop: { in: done }, escalation: gentle }
        escalations:
          gentle: [{ share: 50%, notify: [owner] }, { after: P1D, notify: [manager of owner] }]

        """

    /// Decodes and checks a definition among others.
    static func faults(_ text: String, others: [String] = []) -> [Fault] {
        var files = ["note.yaml": Array(text.utf8)]
        for (index, other) in others.enumerated() { files["other\(index).yaml"] = Array(other.utf8) }
        let check = WorkflowCheck(files.keys.sorted()) { files[$0] }
        return check.faults.filter { $0.file == "note.yaml" }
    }
}
