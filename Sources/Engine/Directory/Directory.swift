import Deadlines

/// People, teams and on-call schedules of one tenant, as they stood at one version.
struct Directory: Sendable {
    struct Person: Sendable, Equatable {
        var id: String
        var name: String
        var address: String?
        var manager: String?
        var isActive: Bool
    }

    struct Team: Sendable, Equatable {
        var id: String
        var title: String
        var lead: String?
        var members: [String] = []
    }

    /// A rotation, and the shifts that override it.
    struct OnCallSchedule: Sendable, Equatable {
        struct Shift: Sendable, Equatable {
            var start: Instant
            var end: Instant
            var person: String
        }

        var start: Instant?
        /// How long each person's turn is, in seconds.
        var handover: Int64?
        /// The people in the order of their turns.
        var rotation: [String] = []
        var shifts: [Shift] = []

        /// Who is on call: those of the shifts that cover the instant, else whose turn it is.
        func people(at instant: Instant) -> [String] {
            let covering = shifts.filter { $0.start <= instant && instant < $0.end }.map(\.person)
            if !covering.isEmpty { return covering }
            guard let start, let handover, handover > 0, !rotation.isEmpty, start <= instant else { return [] }
            let turns = (instant.microseconds - start.microseconds) / 1_000_000 / handover
            return [rotation[Int(turns % Int64(rotation.count))]]
        }
    }

    let people: [String: Person]
    let teams: [String: Team]
    let schedules: [String: OnCallSchedule]
    private let teamsOfPerson: [String: [String]]

    init(people: [Person] = [], teams: [Team] = [], schedules: [String: OnCallSchedule] = [:]) {
        self.people = Dictionary(people.map { ($0.id, $0) }) { _, last in last }
        self.teams = Dictionary(teams.map { ($0.id, $0) }) { _, last in last }
        self.schedules = schedules
        var teamsOfPerson: [String: [String]] = [:]
        for team in teams.sorted(by: { $0.id < $1.id }) {
            for member in team.members { teamsOfPerson[member, default: []].append(team.id) }
        }
        self.teamsOfPerson = teamsOfPerson
    }

    /// The teams of an active person.
    func groups(of person: String) -> [String] {
        people[person]?.isActive == true ? teamsOfPerson[person] ?? [] : []
    }

    /// The active members of a team.
    func members(of team: String) -> [String] {
        (teams[team]?.members ?? []).filter { people[$0]?.isActive == true }
    }

    /// The leads of a person's teams, without the person.
    func leads(of person: String) -> [String] {
        var leads: [String] = []
        for team in teamsOfPerson[person] ?? [] {
            if let lead = teams[team]?.lead, lead != person, !leads.contains(lead) { leads.append(lead) }
        }
        return leads
    }

    /// The line manager of a person.
    func managers(of person: String) -> [String] {
        people[person]?.manager.map { [$0] } ?? []
    }
}
