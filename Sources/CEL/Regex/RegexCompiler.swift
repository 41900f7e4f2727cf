/// The tree of a regular expression.
indirect enum RegexNode: Sendable {
    case empty
    case scalar(Unicode.Scalar)
    case set(ScalarSet)
    case assert(RegexAssertion)
    case sequence([RegexNode])
    case choice([RegexNode])
    /// Between `minimum` and `maximum` times; nil is without bound.
    case repeated(RegexNode, minimum: Int, maximum: Int?)
}

/// Turns the tree of a regular expression into a program.
struct RegexCompiler {
    private var program: [RegexInstruction] = []

    /// A program longer than this is refused; nested repetitions multiply.
    static let maximumSize = 10_000

    mutating func program(for node: RegexNode) throws(RegexError) -> [RegexInstruction] {
        try emit(node)
        try append(.match)
        return program
    }

    private mutating func append(_ instruction: RegexInstruction) throws(RegexError) {
        guard program.count < Self.maximumSize else { throw RegexError(message: "too many repetitions") }
        program.append(instruction)
    }

    private mutating func emit(_ node: RegexNode) throws(RegexError) {
        switch node {
        case .empty: break
        case .scalar(let scalar): try append(.scalar(scalar))
        case .set(let set): try append(.set(set))
        case .assert(let assertion): try append(.assert(assertion))
        case .sequence(let nodes): for node in nodes { try emit(node) }
        case .choice(let nodes): try emit(choice: nodes)
        case .repeated(let node, let minimum, let maximum):
            for _ in 0..<minimum { try emit(node) }
            if let maximum {
                try emit(node, upTo: maximum - minimum)
            } else {
                try emitLoop(node)
            }
        }
    }

    private mutating func emit(choice nodes: [RegexNode]) throws(RegexError) {
        var exits: [Int] = []
        for (index, node) in nodes.enumerated() {
            guard index < nodes.count - 1 else {
                try emit(node)
                break
            }
            let split = program.count
            try append(.split(0, 0))
            try emit(node)
            exits.append(program.count)
            try append(.jump(0))
            program[split] = .split(split + 1, program.count)
        }
        for exit in exits { program[exit] = .jump(program.count) }
    }

    private mutating func emitLoop(_ node: RegexNode) throws(RegexError) {
        let split = program.count
        try append(.split(0, 0))
        try emit(node)
        try append(.jump(split))
        program[split] = .split(split + 1, program.count)
    }

    private mutating func emit(_ node: RegexNode, upTo count: Int) throws(RegexError) {
        var splits: [Int] = []
        for _ in 0..<count {
            splits.append(program.count)
            try append(.split(0, 0))
            try emit(node)
        }
        for split in splits { program[split] = .split(split + 1, program.count) }
    }
}
