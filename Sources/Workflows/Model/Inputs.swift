import CEL

/// What a formula may depend on, or what a step has changed: a set that errs on the side of too much.
///
/// Fields share 56 bits by a hash of their names, so that two fields may look like one; that costs an evaluation
/// now and then and never a result.
struct Inputs: OptionSet, Sendable, Hashable {
    let rawValue: UInt64

    static let roles = Inputs(rawValue: 1)
    static let state = Inputs(rawValue: 1 << 1)
    static let tasks = Inputs(rawValue: 1 << 2)
    static let approvals = Inputs(rawValue: 1 << 3)
    static let clocks = Inputs(rawValue: 1 << 4)
    static let children = Inputs(rawValue: 1 << 5)
    /// What stands outside the instance: the tenant, reads, `now`.
    static let outside = Inputs(rawValue: 1 << 6)
    /// Every field.
    static let fields = Inputs(rawValue: ~0 << 8)
    static let everything = Inputs(rawValue: ~0)

    /// One field.
    static func field(_ name: String) -> Inputs {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Inputs(rawValue: 1 << (8 + (hash ^ hash >> 32) % 56))
    }

    /// Several fields.
    static func fields(_ names: some Sequence<String>) -> Inputs {
        names.reduce(into: Inputs()) { $0.formUnion(.field($1)) }
    }
}

extension Inputs {
    /// What an expression reads.
    init(of node: Node) {
        switch node.kind {
        case .select(let operand, let name), .has(let operand, let name):
            self = operand.isData ? .field(name.text) : Inputs(of: operand)
        case .index(let operand, let index):
            if operand.isData, case .string(let name)? = index.literalValue {
                self = .field(name)
            } else {
                self = Inputs(of: operand).union(Inputs(of: index))
            }
        case .identifier(let name, _): self = Self.names[name] ?? []
        default: self = node.children.reduce(into: Inputs()) { $0.formUnion(Inputs(of: $1)) }
        }
    }

    private static let names: [String: Inputs] = [
        "data": .fields, "before": .fields, "roles": .roles, "state": .state, "tasks": .tasks,
        "approvals": .approvals, "clocks": .clocks, "children": .children, "tenant": .outside, "now": .outside,
    ]
}

extension Node {
    fileprivate var isData: Bool {
        if case .identifier("data", _) = kind { true } else { false }
    }
}
