import Deadlines
import JSON
import PostgresClient
import Workflows

/// People, teams, on-call schedules, services and parties to be entered together; what exists is changed, nothing is
/// removed.
public struct DirectoryDocument: Sendable {
    /// A person.
    public struct Person: Sendable {
        /// Identifier that definitions and journals use.
        public var id: String
        /// Full name.
        public var name: String
        /// Name at sign-in; nil for people who never sign in.
        public var login: String?
        /// Address of electronic mail.
        public var address: String?
        /// Identifier of the line manager.
        public var manager: String?
        /// Whether they are still here.
        public var isActive = true
        /// Creates a person.
        public init(id: String, name: String) { (self.id, self.name) = (id, name) }
    }

    /// A team, which definitions call a group.
    public struct Team: Sendable {
        /// Identifier that definitions use.
        public var id: String
        /// Title that people see.
        public var title: String
        /// Identifier of the lead.
        public var lead: String?
        /// Identifiers of the members; these replace those it had.
        public var members: [String] = []
        /// Creates a team.
        public init(id: String, title: String) { (self.id, self.title) = (id, title) }
    }

    /// A stretch of time in which somebody is on call whoever's turn it is.
    public struct Shift: Sendable, Hashable {
        /// Who is on call.
        public var person: String
        /// When it begins.
        public var start: Instant
        /// When it ends, itself not counted.
        public var end: Instant
        /// Creates a shift.
        public init(person: String, start: Instant, end: Instant) {
            (self.person, self.start, self.end) = (person, start, end)
        }
    }

    /// An on-call schedule.
    public struct Schedule: Sendable {
        /// Identifier that definitions use.
        public var id: String
        /// Title that people see.
        public var title: String
        /// When the first turn of the rotation begins; nil for a schedule of shifts only.
        public var start: Instant?
        /// How long each turn is, in seconds.
        public var handover: Int64?
        /// Identifiers of the people in the order of their turns; these replace those it had.
        public var rotation: [String] = []
        /// Shifts, which go before the rotation and replace those it had; nil leaves those.
        public var shifts: [Shift]?
        /// Creates a schedule.
        public init(id: String, title: String) { (self.id, self.title) = (id, title) }
    }

    /// A service of the catalogue.
    public struct Service: Sendable {
        /// Identifier that definitions use.
        public var id: String
        /// Title that people see.
        public var title: String
        /// How much depends on it, 0 being the most.
        public var tier: Int?
        /// Identifier of the owner.
        public var owner: String?
        /// Identifier of the team.
        public var team: String?
        /// Recovery time objective in seconds.
        public var recoveryTime: Int64?
        /// Creates a service.
        public init(id: String, title: String) { (self.id, self.title) = (id, title) }
    }

    /// People.
    public var people: [Person] = []
    /// Teams.
    public var teams: [Team] = []
    /// On-call schedules.
    public var schedules: [Schedule] = []
    /// Services.
    public var services: [Service] = []
    /// Legal entities, authorities and counterparties.
    public var parties = Parties()

    /// Creates an empty document.
    public init() {}
}

extension DirectoryDocument {
    /// Reads a document from JSON: `people`, `teams`, `oncall`, `services`, `entities`, `authorities` and
    /// `counterparties`, each an object by identifier.
    public init(json: JSON) throws(AdministrationError) {
        self.init()
        let known = ["people", "teams", "oncall", "services"] + Parties.Kind.allCases.map(\.plural)
        guard let root = json.objectValue else { throw .invalid("A directory is an object.") }
        if let other = root.keys.first(where: { !known.contains($0) }) {
            throw .invalid("A directory has no `\(other)`, only \(known.joined(separator: ", ")).")
        }
        for (id, entry) in json["people"]?.objectValue ?? JSONObject() {
            var person = Person(id: id, name: entry["name"]?.stringValue ?? id)
            person.login = entry["login"]?.stringValue
            person.address = entry["address"]?.stringValue
            person.manager = entry["manager"]?.stringValue
            person.isActive = entry["active"]?.boolValue ?? true
            people.append(person)
        }
        for (id, entry) in json["teams"]?.objectValue ?? JSONObject() {
            var team = Team(id: id, title: entry["title"]?.stringValue ?? id)
            team.lead = entry["lead"]?.stringValue
            team.members = entry["members"]?.arrayValue?.compactMap(\.stringValue) ?? []
            teams.append(team)
        }
        for (id, entry) in json["oncall"]?.objectValue ?? JSONObject() {
            var schedule = Schedule(id: id, title: entry["title"]?.stringValue ?? id)
            if let text = entry["start"]?.stringValue {
                do { schedule.start = try Instant(text) } catch { throw .invalid("oncall.\(id).start: \(error)") }
            }
            if let text = entry["handover"]?.stringValue {
                do { schedule.handover = try Period(text).seconds } catch {
                    throw .invalid("oncall.\(id).handover: \(error)")
                }
            }
            schedule.rotation = entry["rotation"]?.arrayValue?.compactMap(\.stringValue) ?? []
            if let list = entry["shifts"]?.arrayValue {
                schedule.shifts = try list.enumerated().map { (index, shift) throws(AdministrationError) in
                    try Shift(shift, at: "oncall.\(id).shifts.\(index)")
                }
            }
            schedules.append(schedule)
        }
        for (id, entry) in json["services"]?.objectValue ?? JSONObject() {
            var service = Service(id: id, title: entry["title"]?.stringValue ?? id)
            service.tier = entry["tier"]?.intValue.map { Int($0) }
            service.owner = entry["owner"]?.stringValue
            service.team = entry["team"]?.stringValue
            if let text = entry["rto"]?.stringValue {
                do { service.recoveryTime = try Period(text).seconds } catch {
                    throw .invalid("services.\(id).rto: \(error)")
                }
            }
            services.append(service)
        }
        do throws(Parties.Fault) {
            parties = try Parties(json: json)
        } catch {
            throw .invalid("\(error).")
        }
    }
}

extension DirectoryDocument.Shift {
    fileprivate init(_ json: JSON, at place: String) throws(AdministrationError) {
        func instant(_ name: String) throws(AdministrationError) -> Instant {
            guard let text = json[name]?.stringValue else { throw .invalid("\(place) lacks `\(name)`, an instant.") }
            do { return try Instant(text) } catch { throw .invalid("\(place).\(name): \(error)") }
        }
        guard let person = json["person"]?.stringValue else {
            throw .invalid("\(place) lacks `person`, who is on call.")
        }
        self.init(person: person, start: try instant("start"), end: try instant("end"))
        guard start < end else { throw .invalid("\(place) ends before it begins.") }
    }
}

extension Period {
    /// The length in seconds, days counted as 24 hours and months as 30 days.
    fileprivate var seconds: Int64 { Int64(totalMonths * 30 + totalDays) * 86_400 + microseconds / 1_000_000 }
}
