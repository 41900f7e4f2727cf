import YAML

/// What `reeve workflows check` finds in a set of files: definitions, the fragments they include, and scenarios.
public struct WorkflowCheck: Sendable {
    /// The definitions that could be read, by name, each without errors of its own text.
    public private(set) var definitions: [String: Definition] = [:]
    /// The file of each definition, by name.
    public private(set) var sources: [String: String] = [:]
    /// The scenarios that could be read, in the order of the paths.
    public private(set) var scenarios: [(path: String, scenario: Scenario)] = []
    /// Everything found, in order of file, line and column.
    public private(set) var faults: [Fault] = []
    /// The regimes among the files.
    public private(set) var regimes = RegimeLibrary([])
    /// Every file that was read.
    public private(set) var files: Set<String> = []

    /// Whether nothing was found that keeps a definition from being published.
    public var passes: Bool { !faults.contains { $0.severity == .error } }

    /// Reads and judges files.
    ///
    /// What a file is follows from its first key: `workflow` with `scenario` is a scenario, `workflow` a definition,
    /// `fragment` a file that others include, which is read with them, and `regime` a regime.
    ///
    /// - Parameters:
    ///   - paths: the files to check.
    ///   - known: other definitions, such as those published already, that these may refer to.
    ///   - limits: how large and deep a file may be.
    ///   - file: the bytes of a file; nil where there is none or it cannot be read.
    public init(
        _ paths: [String], known: [String: Definition] = [:], limits: YAML.Limits = YAML.Limits(),
        file: (String) -> [UInt8]?
    ) {
        var found: Set<Fault> = []
        var regimePaths: [String] = []
        for path in paths {
            guard let bytes = file(path) else {
                let position = SourcePosition(file: path, line: 1, column: 1)
                found.insert(Fault(at: position, code: .unreadableFile, message: "the file cannot be read"))
                continue
            }
            switch Kind(of: bytes, limits) {
            case .scenario:
                let decoded = Scenario.decode(bytes, path: path, limits: limits)
                found.formUnion(decoded.faults)
                if let scenario = decoded.value { scenarios.append((path, scenario)) }
                files.insert(path)
            case .definition: read(path, limits, file, &found)
            case .fragment: files.insert(path)
            case .regime: regimePaths.append(path)
            }
        }
        if !regimePaths.isEmpty {
            let decoded = RegimeLibrary.decode(regimePaths, file: file)
            found.formUnion(decoded.faults)
            files.formUnion(regimePaths)
            regimes = decoded.value ?? regimes
        }
        let library = known.merging(definitions) { $1 }
        for definition in definitions.values { found.formUnion(definition.check(among: library)) }
        for (_, scenario) in scenarios { found.formUnion(scenario.check(among: library)) }
        faults = found.sorted()
    }

    private mutating func read(
        _ path: String, _ limits: YAML.Limits, _ file: (String) -> [UInt8]?, _ found: inout Set<Fault>
    ) {
        let decoded = Definition.decode(path, limits: limits, file: file)
        found.formUnion(decoded.faults)
        files.formUnion(decoded.files)
        guard let definition = decoded.value else { return }
        if let other = sources[definition.name] {
            found.insert(
                Fault(
                    at: definition.position, code: .duplicateName,
                    message: "the workflow `\(definition.name)` is defined in \(other) already"))
            return
        }
        sources[definition.name] = path
        definitions[definition.name] = definition
    }

    /// What a file holds.
    private enum Kind {
        case definition, scenario, fragment, regime

        init(of bytes: [UInt8], _ limits: YAML.Limits) {
            guard let root = YAML.read(bytes, limits: limits).root else {
                self = .definition
                return
            }
            let marks: [(key: String, kind: Kind)] = [
                ("scenario", .scenario), ("fragment", .fragment), ("regime", .regime),
            ]
            self = marks.first { root[$0.key] != nil }?.kind ?? .definition
        }
    }
}
