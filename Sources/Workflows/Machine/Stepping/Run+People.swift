import CEL

// Who may act, who holds which role, and who must keep out of one.
extension Run {
    /// The person who acts and the one for whom they do, who are the same unless there is a delegation.
    var persons: (acting: String, authority: String)? {
        guard case .person(let person, let other) = actor else { return nil }
        return (person, other ?? person)
    }

    /// Present holders of a role; for a role that everyone holds, the members of its groups.
    mutating func holders(of role: RoleTable) -> [String] {
        if let holders = next.holders[role.role.name] { return holders }
        guard role.role.initially == .everyone else { return [] }
        var members: [String] = []
        for group in role.role.from { members += people(.members(ofGroup: group)) }
        return members.uniqued()
    }

    /// Whether a person holds a role at present.
    mutating func isHolder(_ person: String, of role: RoleTable) -> Bool {
        if let holders = next.holders[role.role.name] { return holders.contains(person) }
        return role.role.initially == .everyone && isMember(person, ofOne: role.role.from)
    }

    /// Whether somebody holds a role at present, without asking who the members of a group are.
    func isHeld(_ role: RoleTable) -> Bool {
        if let holders = next.holders[role.role.name] { return !holders.isEmpty }
        return role.role.initially == .everyone
    }

    /// Whether a person belongs to one of the groups; a guess while the answer is not known.
    mutating func isMember(_ person: String, ofOne groups: [String]) -> Bool {
        guard !groups.isEmpty else { return false }
        guard let answer = ask(.groups(ofPerson: person)) else { return true }
        return answer.listValue?.contains { $0.stringValue.map(groups.contains) ?? false } ?? false
    }

    /// Makes sure that a person may be given a role: by the role's groups, and by separation of duties.
    mutating func demandEligible(_ person: String, for role: RoleTable) throws(Halt) {
        if role.role.from.isEmpty {
            if case .bool(false)? = ask(.exists(.person, person)) {
                let message = "there is no active person \"\(person)\""
                throw reject(.invalid([Rejection.Problem(path: role.role.name, message: message)]))
            }
        } else if !isMember(person, ofOne: role.role.from) {
            throw reject(.notEligible(person: person, role: role.role.name, groups: role.role.from))
        }
        try demandSeparate(person, from: role)
    }

    /// The role in which a person has, or ever had, a part that keeps them out of another.
    func conflict(of person: String, with role: RoleTable) -> String? {
        role.distinct.first { other in
            next.acted[other]?.contains(person) == true || next.holders[other]?.contains(person) == true
        }
    }

    func demandSeparate(_ person: String, from role: RoleTable) throws(Halt) {
        if let other = conflict(of: person, with: role) {
            throw reject(.separation(person: person, role: role.role.name, other: other))
        }
    }

    /// Gives a role to people in the place of its holders.
    mutating func give(_ role: RoleTable, to people: [String]) throws(Halt) {
        let people = people.uniqued()
        guard next.holders[role.role.name] != people else { return }
        for person in people { try demandEligible(person, for: role) }
        hand(role, to: people)
    }

    /// Gives a role to people who are known to be eligible.
    mutating func hand(_ role: RoleTable, to people: [String]) {
        next.holders[role.role.name] = people
        markActed(people, in: role.role.name)
        change(.roles)
        note(.assigned(role: role.role.name, to: people))
    }

    /// The sender becomes holder of a role: beside the others where it is held by many.
    mutating func take(_ role: RoleTable) throws(Halt) {
        guard let (person, authority) = persons else { return }
        try demandEligible(person, for: role)
        if authority != person { try demandSeparate(authority, from: role) }
        let others = role.role.many ? next.holders[role.role.name] ?? [] : []
        if !others.contains(person) { hand(role, to: others + [person]) }
        markActed(person, authority, as: role)
    }

    /// Remembers that a person acted in a role, for the separation of duties.
    mutating func markActed(_ person: String, _ authority: String, as role: RoleTable) {
        let name = role.role.name
        let missing = [person, authority].filter { next.acted[name]?.contains($0) != true }
        if !missing.isEmpty { markActed(missing, in: name) }
    }

    private mutating func markActed(_ people: [String], in name: String) {
        if next.acted.update(name, { $0.formUnion(people) }) == nil { next.acted[name] = Set(people) }
    }

    /// Makes sure that the actor is among those allowed.
    mutating func authorise(_ allow: [Definition.Allowance]) throws(Halt) {
        guard let (person, authority) = persons else {
            guard allow.contains(where: actor.matches) else { throw notAllowed(allow) }
            return
        }
        var refusal: Rejection?
        for allowance in allow {
            switch allowance {
            case .role(let name):
                guard let role = tables.roles[name], isHolder(authority, of: role) else { continue }
                if let other = conflict(of: person, with: role) ?? conflict(of: authority, with: role) {
                    refusal = refusal ?? .separation(person: person, role: name, other: other)
                    continue
                }
                // Whoever holds a role has been marked when they took it.
                if person != authority || next.holders[name] == nil { markActed(person, authority, as: role) }
                return
            case .group(let group):
                if isMember(authority, ofOne: [group]) { return }
            case .parent, .child, .connector, .schedule, .ladder: continue
            }
        }
        throw refusal.map(Halt.rejected) ?? notAllowed(allow)
    }

    private func notAllowed(_ allow: [Definition.Allowance]) -> Halt {
        reject(.notAllowed(actor: actor.words, allowed: allow.map(\.words)))
    }

    /// Whether a person may do a task or vote: by name, or in one of the roles, which they then act in.
    mutating func demandAsked(
        _ key: ItemKey, who: [String], assignee: String? = nil, from roles: [String]
    ) throws(Halt) -> (person: String, authority: String) {
        guard let (person, authority) = persons else {
            throw reject(.notAsked(person: actor.words, key))
        }
        if let assignee {
            guard assignee == authority else { throw reject(.notAsked(person: authority, key)) }
        } else if !who.isEmpty || roles.isEmpty {
            guard who.contains(authority) else { throw reject(.notAsked(person: authority, key)) }
            return (person, authority)
        }
        var refusal: Rejection?
        for name in roles {
            guard let role = tables.roles[name] else { continue }
            // A role that nobody holds is open to everyone eligible.
            let isAsked =
                next.holders[name] != nil
                ? isHolder(authority, of: role) : isMember(authority, ofOne: role.role.from)
            guard isAsked || assignee == authority else {
                // Where somebody holds it, being eligible is not enough.
                let groups = next.holders[name] == nil ? role.role.from : []
                refusal = refusal ?? .notEligible(person: authority, role: name, groups: groups)
                continue
            }
            if let other = conflict(of: person, with: role) ?? conflict(of: authority, with: role) {
                refusal = .separation(person: person, role: name, other: other)
                continue
            }
            markActed(person, authority, as: role)
            return (person, authority)
        }
        if assignee != nil, refusal == nil { return (person, authority) }
        throw reject(refusal ?? .notAsked(person: authority, key))
    }

    /// The persons that `notify` and `reassign` mean.
    mutating func resolve(_ recipients: [Definition.Recipient]) -> [String] {
        if recipients.count == 1, case .role(let name) = recipients[0], let holders = next.holders[name] {
            return holders.uniqued()
        }
        var persons: [String] = []
        for recipient in recipients {
            switch recipient {
            case .role(let name):
                if let holders = next.holders[name] {
                    persons = persons.isEmpty ? holders : persons + holders
                } else if let role = tables.roles[name] {
                    persons += holders(of: role)
                }
            case .lead(let name):
                for person in tables.roles[name].map({ holders(of: $0) }) ?? [] {
                    persons += people(.leads(ofPerson: person))
                }
            case .manager(let name):
                for person in tables.roles[name].map({ holders(of: $0) }) ?? [] {
                    persons += people(.managers(ofPerson: person))
                }
            case .onCall(let schedule): persons += people(.onCall(schedule: schedule))
            case .group(let group): persons += people(.members(ofGroup: group))
            case .person(let person): persons.append(person)
            }
        }
        return persons.uniqued()
    }
}

extension Actor {
    /// Whether an allowance that names a machine means this actor.
    func matches(_ allowance: Definition.Allowance) -> Bool {
        switch (self, allowance) {
        case (.parent, .parent), (.child, .child), (.connector, .connector), (.instance, .connector),
            (.schedule, .schedule), (.ladder, .ladder):
            true
        default: false
        }
    }

    /// Whether whoever acts waits for an answer, so that an input can be refused.
    var awaitsAnswer: Bool {
        switch self {
        case .person, .connector: true
        case .parent, .child, .instance, .schedule, .ladder, .worker: false
        }
    }

    /// The actor in words.
    var words: String {
        switch self {
        case .person(let person, nil): person
        case .person(let person, let other?): "\(person) for \(other)"
        case .parent: "the parent"
        case .child(let key, _): "the child \(key)"
        case .instance: "another instance"
        case .connector(let name): "the connector \(name)"
        case .schedule: "the schedule"
        case .ladder(let clock): "the ladder of \(clock)"
        case .worker: "the worker"
        }
    }
}

extension Definition.Allowance {
    /// Whom the allowance means, in words.
    var words: String {
        switch self {
        case .role(let role): "role \(role)"
        case .group(let group): "group \(group)"
        case .parent: "the parent"
        case .child: "a child"
        case .connector: "a connector"
        case .schedule: "the schedule"
        case .ladder: "a ladder"
        }
    }
}

extension ItemKey: CustomStringConvertible {
    /// `name`, or `name[key]`.
    public var description: String { key.isEmpty ? name : "\(name)[\(key)]" }
}
