import JSON

extension Plan {
    /// The answer that was given to a command's key before, in this batch or an earlier one; nil where there is none.
    func keptAnswer(for command: Command) -> Outcome? {
        guard let key = command.idempotencyKey else { return nil }
        let principal = command.input.actor.text
        let requestHash = command.requestHash
        let earlier: (hash: [UInt8], answer: JSON)?
        if let kept = found.answers[.init(tenant: command.tenant, principal: principal, key: key)] {
            earlier = (kept.requestHash, kept.answer)
        } else {
            earlier = writes.answers
                .first { $0.tenant == command.tenant && $0.principal == principal && $0.key == key }
                .flatMap { row in (try? row.answer.json).map { (row.requestHash, $0) } }
        }
        guard let earlier else { return nil }
        guard earlier.hash == requestHash else {
            return .refused(
                Refusal(
                    code: Refusal.keyReused,
                    message: "The idempotency key was used for another request; use a new key for a new request.",
                    details: ["key": .string(key)]))
        }
        if let json = earlier.answer["done"], var answer = Answer(json: json) {
            answer.isRepeated = true
            return .done(answer)
        }
        if let json = earlier.answer["refused"], var refusal = Refusal(json: json) {
            refusal.isRepeated = true
            return .refused(refusal)
        }
        return .failed("the answer kept under the idempotency key cannot be read")
    }
}

extension Outcome {
    /// What is kept of it under an idempotency key.
    var kept: JSON? {
        switch self {
        case .done(let answer): ["done": answer.json]
        case .refused(let refusal): ["refused": refusal.json]
        case .busy, .gone, .failed: nil
        }
    }
}
