/// A regular expression in the syntax of RE2, matched in time linear in the text.
///
/// The pattern is compiled to a machine whose possible states are followed side by side (Thompson 1968, Pike), so
/// that no pattern backtracks. There are no back-references and no look-around.
public struct Regex: Sendable {
    /// The pattern as written.
    public let pattern: String

    private let program: [RegexInstruction]

    /// How many instructions the machine has: a measure of what a step costs.
    var size: Int { program.count }

    /// Compiles a pattern, or says what is wrong with it.
    public init(_ pattern: String) throws(RegexError) {
        var parser = RegexParser(pattern)
        var compiler = RegexCompiler()
        program = try compiler.program(for: try parser.pattern())
        self.pattern = pattern
    }

    /// Whether the pattern matches anywhere in the text.
    public func matches(_ text: String) -> Bool {
        var machine = RegexMachine(program)
        return machine.matches(text)
    }
}

/// Why a pattern is no regular expression.
public struct RegexError: Error, Sendable, Hashable {
    /// What is wrong and what was expected.
    public let message: String
}

/// What a machine does in one state.
enum RegexInstruction: Sendable {
    /// Reads this scalar.
    case scalar(Unicode.Scalar)
    /// Reads one of these scalars.
    case set(ScalarSet)
    case jump(Int)
    case split(Int, Int)
    case assert(RegexAssertion)
    case match
}

/// A condition on a place between two scalars.
enum RegexAssertion: Sendable {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary

    func holds(before: Unicode.Scalar?, after: Unicode.Scalar?) -> Bool {
        switch self {
        case .textStart: before == nil
        case .textEnd: after == nil
        case .lineStart: before == nil || before == "\n"
        case .lineEnd: after == nil || after == "\n"
        case .wordBoundary: Self.isWord(before) != Self.isWord(after)
        case .noWordBoundary: Self.isWord(before) == Self.isWord(after)
        }
    }

    private static func isWord(_ scalar: Unicode.Scalar?) -> Bool {
        scalar.map { ScalarSet.word.contains($0) } ?? false
    }
}

/// Follows all states of a program at once.
struct RegexMachine {
    private let program: [RegexInstruction]
    private var current: [Int] = []
    private var following: [Int] = []
    /// The step at which a state was last entered.
    private var entered: [Int]
    private var pending: [Int] = []
    private var matched = false

    init(_ program: [RegexInstruction]) {
        self.program = program
        entered = Array(repeating: -1, count: program.count)
    }

    mutating func matches(_ text: String) -> Bool {
        var before: Unicode.Scalar?
        var step = 0
        for scalar in text.unicodeScalars {
            enter(0, step, before: before, after: scalar)
            if matched { return true }
            swap(&current, &following)
            following.removeAll(keepingCapacity: true)
            before = scalar
            advance(over: scalar, step)
            step += 1
        }
        enter(0, step, before: before, after: nil)
        resolve(step, before: before, after: nil)
        return matched
    }

    /// States reached by reading a scalar, whose assertions wait until the next scalar is known.
    private var arrived: [Int] = []

    private mutating func advance(over scalar: Unicode.Scalar, _ step: Int) {
        arrived.removeAll(keepingCapacity: true)
        for state in current {
            switch program[state] {
            case .scalar(let expected): if expected == scalar { arrived.append(state + 1) }
            case .set(let set): if set.contains(scalar) { arrived.append(state + 1) }
            default: break
            }
        }
    }

    private mutating func resolve(_ step: Int, before: Unicode.Scalar?, after: Unicode.Scalar?) {
        for state in arrived { follow(state, step, before: before, after: after) }
        arrived.removeAll(keepingCapacity: true)
    }

    /// Enters the start state, since a match may begin anywhere, and what the last scalar led to.
    private mutating func enter(_ start: Int, _ step: Int, before: Unicode.Scalar?, after: Unicode.Scalar?) {
        resolve(step, before: before, after: after)
        follow(start, step, before: before, after: after)
    }

    private mutating func follow(_ state: Int, _ step: Int, before: Unicode.Scalar?, after: Unicode.Scalar?) {
        pending.append(state)
        while let state = pending.popLast() {
            guard entered[state] != step else { continue }
            entered[state] = step
            switch program[state] {
            case .scalar, .set: following.append(state)
            case .jump(let target): pending.append(target)
            case .split(let first, let second):
                pending.append(second)
                pending.append(first)
            case .assert(let assertion):
                if assertion.holds(before: before, after: after) { pending.append(state + 1) }
            case .match: matched = true
            }
        }
    }
}
