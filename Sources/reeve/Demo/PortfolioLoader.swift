import CEL
import Deadlines
import Engine
import JSON
import Workflows

/// Brings a portfolio to life through the engine's commands, as people would.
///
/// Every command has an idempotency key made from the entry's name and the step: a loading that was interrupted goes on
/// where it stopped, as long as it is given the same base instant.
struct PortfolioLoader {
    let engine: Engine
    let tenant: Identifier
    let portfolio: Portfolio
    /// The instant from which the portfolio's instants are counted.
    let base: Instant

    /// Opens every instance and does every step.
    func load() async throws {
        for entry in portfolio.entries { try await load(entry) }
    }

    private func load(_ entry: Portfolio.Entry) async throws {
        let began = base.advanced(by: entry.at)
        var root: Identifier?
        for (index, step) in entry.steps.enumerated() {
            do {
                let target = try await target(of: step, root)
                let person = try await person(of: step, target)
                let input = Input(
                    actor: .person(person), happenedAt: step.verb == "open" ? began : nil,
                    act: try act(of: step, entry, from: began))
                let answer = try await engine.submit(
                    Command(
                        tenant: tenant, target: target.map { .instance($0) } ?? .opening(workflow: step.object),
                        input: input, idempotencyKey: "demo/\(entry.name)/\(index)"))
                if root == nil { root = answer.instance }
            } catch {
                throw Failure("The demonstration's entry \"\(entry.name)\", step \(index + 1): \(error)")
            }
        }
    }

    private func act(of step: Portfolio.Step, _ entry: Portfolio.Entry, from began: Instant) throws(Failure) -> Act {
        let plain = Portfolio.resolve(step.form, from: began).objectValue ?? [:]
        let form = Dictionary(plain.map { ($0.key, Value(json: $0.value)) }) { $1 }
        switch step.verb {
        case "open":
            return .open(
                Opening(
                    id: .version7(at: base), reference: "", kind: Snapshot.Kind(rawValue: entry.kind) ?? .real,
                    form: form))
        case "send": return .event(step.object, form: form)
        case "complete": return .complete(ItemKey(step.object), result: form)
        case "approve": return .vote(ItemKey(step.object), isApproval: true, comment: nil)
        case "comment": return .comment(step.object)
        case "suspend": return .suspend(reason: step.object)
        case "cancel": return .cancel(reason: step.object)
        case let verb: throw Failure("nothing is known of \"\(verb)\"")
        }
    }

    private func person(of step: Portfolio.Step, _ target: Identifier?) async throws -> String {
        switch step.by {
        case .person(let person): return person
        case .holder(let role):
            let detail = try await target.asyncMap(detail)
            guard let person = detail??.snapshot["holders"]?[role]?[0]?.stringValue else {
                throw Failure("nobody holds the role \(role)")
            }
            return person
        }
    }

    /// The instance that a step is for; children appear a moment after what opened them.
    private func target(of step: Portfolio.Step, _ root: Identifier?) async throws -> Identifier? {
        guard var current = root else { return nil }
        for (name, key) in step.path {
            var found: Identifier?
            for _ in 0..<300 where found == nil {
                let children = try await detail(current)?.snapshot["children"]?.arrayValue ?? []
                let child = children.first { $0["name"]?.stringValue == name && ($0["key"]?.stringValue ?? "") == key }
                found = child?["instance"]?.stringValue.flatMap { Identifier($0) }
                if let id = found, try await detail(id) == nil { found = nil }
                if found == nil { try await Task.sleep(for: .milliseconds(100)) }
            }
            guard let found else { throw Failure("the child \(name)[\(key)] did not appear within 30 seconds") }
            current = found
        }
        return current
    }

    private func detail(_ id: Identifier) async throws -> InstanceDetail? {
        try await engine.reader(for: Viewer(tenant: tenant)).instance(id.description)
    }
}

extension Optional {
    /// The transformed value, where there is one.
    fileprivate func asyncMap<Value>(_ transform: (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
