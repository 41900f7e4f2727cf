/// How an instance is taken to a newer version of its definition.
///
/// What both versions know by the same name is taken along as it is; the rest has to be said here. An upgrade that
/// leaves something open is rejected as ``Rejection/stranded(_:)``, with everything that it lacks.
public struct Upgrade: Sendable, Equatable {
    /// The version that the instance goes to.
    public var version: Int
    /// The state in whose stead another one stands now, by its former name.
    public var states: [String: String] = [:]
    /// The field that takes another's values over, by the former name.
    public var fields: [String: String] = [:]
    /// Expressions in CEL for fields that are given a value: `before` has the data by their former names.
    public var set: [String: String] = [:]
    /// The role that takes another's holders over, by the former name.
    public var roles: [String: String] = [:]
    /// The clock that takes another's open rounds over, by the former name.
    public var clocks: [String: String] = [:]
    /// The child rule that takes another's children over, by the former name.
    public var children: [String: String] = [:]
    /// What may be lost.
    public var consents: Set<Part> = []
    /// What the engine knows of the version that the instance leaves.
    public var origin = Origin()

    /// A part of an instance that an upgrade may leave without a place.
    public struct Part: Sendable, Hashable {
        /// What kind of part it is.
        public enum Kind: String, Sendable, CaseIterable {
            case state, field, role, clock, child, task, approval
        }

        /// What it is.
        public var kind: Kind
        /// Its name in the version that the instance leaves.
        public var name: String

        /// Creates a part.
        public init(_ kind: Kind, _ name: String) {
            self.kind = kind
            self.name = name
        }
    }

    /// What a step has to know of the version that the instance leaves.
    public struct Origin: Sendable, Equatable {
        /// Its number; 0 where it is not known.
        public var version = 0
        /// Fields that were derived, whose values are not missed.
        public var derived: Set<String> = []
        /// The workflow that each child rule opened.
        public var workflows: [String: String] = [:]

        /// Creates an origin of which nothing is known.
        public init() {}

        /// What has to be known of a definition.
        public init(_ definition: Definition, version: Int) {
            self.version = version
            derived = Set(definition.data.fields.filter { $0.compute != nil }.map(\.name))
            workflows = Dictionary(definition.children.map { ($0.name, $0.workflow) }) { first, _ in first }
        }
    }

    /// Something that an upgrade has to be told before it can be made.
    public struct Need: Sendable, Equatable {
        /// What would be lost.
        public var part: Part
        /// What is wrong, in a sentence.
        public var message: String
        /// What has to be said, in a sentence.
        public var remedy: String
    }

    /// Creates an upgrade that takes along what has the same name.
    public init(to version: Int) { self.version = version }
}

extension Upgrade.Part: CustomStringConvertible, LosslessStringConvertible {
    /// The part as it is written in a list of consents, such as `clock:respond`.
    public var description: String { "\(kind.rawValue):\(name)" }

    /// Reads a part; nil where the text names none.
    public init?(_ description: String) {
        let parts = description.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])), !parts[1].isEmpty else { return nil }
        self.init(kind, String(parts[1]))
    }
}
