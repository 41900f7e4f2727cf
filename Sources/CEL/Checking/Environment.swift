/// What an expression may refer to: variables, functions and time zones.
public struct Environment: Sendable {
    /// A variable with its place among the variables of its environment.
    public struct Variable: Sendable {
        /// The name, possibly dotted.
        public let name: String
        /// What it holds.
        public let type: CELType
        /// Its place, from 0, in the order of names; an activation may use it to find the value fast.
        public let index: Int
    }

    /// The variables, ordered by name.
    public let variables: [Variable]
    /// The functions of the host, by name.
    public let functions: [String: FunctionDeclaration]
    /// The zones that functions on timestamps know.
    public let zones: any ZoneDatabase

    private let positions: [String: Int]

    /// An environment with these variables and functions beside the standard ones.
    ///
    /// - Parameter zones: where the offsets of named time zones are looked up; the system's files by default.
    public init(
        variables: [String: CELType] = [:], functions: [FunctionDeclaration] = [],
        zones: any ZoneDatabase = SystemZones()
    ) {
        let sorted = variables.sorted { $0.key < $1.key }
        self.variables = sorted.enumerated().map { Variable(name: $1.key, type: $1.value, index: $0) }
        self.functions = functions.reduce(into: [:]) { $0[$1.name] = $1.merged(with: $0[$1.name]) }
        self.zones = zones
        positions = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1.key, $0) })
    }

    /// The variable of a name; nil where none is declared.
    public func variable(named name: String) -> Variable? { positions[name].map { variables[$0] } }

    /// The host's or the standard function of a name.
    func function(named name: String) -> FunctionDeclaration? {
        functions[name] ?? StandardLibrary.declarations[name]
    }
}

/// A function as the checker sees it.
public struct FunctionDeclaration: Sendable {
    /// The name, possibly with a namespace as in `strings.quote`.
    public let name: String
    /// The types it can be called with.
    public let overloads: [Overload]

    /// A function of this name.
    public init(_ name: String, _ overloads: [Overload]) {
        self.name = name
        self.overloads = overloads
    }

    func merged(with other: FunctionDeclaration?) -> FunctionDeclaration {
        FunctionDeclaration(name, (other?.overloads ?? []) + overloads)
    }
}

/// One way to call a function.
public struct Overload: Sendable, Hashable {
    /// Whether it is called as `receiver.function(…)`.
    public let isMember: Bool
    /// The types of the arguments; the receiver comes first.
    public let parameters: [CELType]
    /// The type of the result.
    public let result: CELType

    /// A call `function(parameters)`.
    public static func function(_ parameters: [CELType], _ result: CELType) -> Overload {
        Overload(isMember: false, parameters: parameters, result: result)
    }

    /// A call `receiver.function(parameters)`.
    public static func method(on receiver: CELType, _ parameters: [CELType] = [], _ result: CELType) -> Overload {
        Overload(isMember: true, parameters: [receiver] + parameters, result: result)
    }
}

/// The offsets of time zones from UTC.
public protocol ZoneDatabase: Sendable {
    /// Seconds to add to UTC at an instant, in seconds since 1970, for the local time of a zone such as
    /// `Europe/Berlin`; nil where the zone is unknown.
    func offset(of zone: String, at seconds: Int64) -> Int?
}
