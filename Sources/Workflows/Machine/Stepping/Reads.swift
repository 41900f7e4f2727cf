import CEL

/// The answers that a step has used and the questions that it could not do without.
struct Reads {
    private(set) var used: [(question: Read, answer: CEL.Value)] = []
    private(set) var needed: [Read] = []

    fileprivate mutating func use(_ question: Read, _ answer: CEL.Value) {
        guard !used.contains(where: { $0.question == question }) else { return }
        used.append((question, answer))
    }

    fileprivate mutating func need(_ question: Read) {
        guard !needed.contains(question) else { return }
        needed.append(question)
    }
}

extension Run {
    /// The answer to a question; nil where it is not known yet, which is remembered.
    ///
    /// The step may go on with a guess, so as to find all that it needs at once; its outcome is thrown away.
    mutating func ask(_ question: Read) -> CEL.Value? {
        guard let answer = context.answers[question] else {
            reads.need(question)
            return nil
        }
        reads.use(question, answer)
        return answer
    }

    /// The answer to a question without which there is no going on.
    mutating func demand(_ question: Read) throws(Halt) -> CEL.Value {
        guard let answer = ask(question) else { throw .needs }
        if case .map(let fields) = answer, fields.count == 1, case .string(let message)? = fields["error"] {
            throw reject(.unanswered(message))
        }
        return answer
    }

    /// The persons of an answer, without repetition.
    mutating func people(_ question: Read) -> [String] {
        guard let list = ask(question)?.listValue else { return [] }
        return list.compactMap(\.stringValue).uniqued()
    }
}

extension Array where Element: Hashable {
    /// The elements in order, each once.
    package func uniqued() -> [Element] {
        guard count > 1 else { return self }
        if count == 2 { return self[0] == self[1] ? [self[0]] : self }
        if count <= 8 {
            return indices.filter { index in !self[..<index].contains(self[index]) }.map { self[$0] }
        }
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
