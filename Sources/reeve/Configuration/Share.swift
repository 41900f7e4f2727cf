import Deadlines

/// The files beside the binary: `sql/`, `workflows/` and what else is read at run time.
struct Share: Sendable {
    /// The directory.
    let path: String
    /// The folder of this installation's own rules, if there is one.
    private let ownRules: String?

    /// Finds it: what `--share` or the setting says, else `../share/reeve` beside the binary, else the checkout that the
    /// binary was built from.
    init(_ configuration: Configuration) throws(Failure) {
        ownRules = configuration[.ownRules]?.expandingHome
        if let chosen = configuration[.share]?.expandingHome {
            guard Share.isComplete(chosen) else {
                let origin = configuration.origin(.share)?.words ?? ""
                throw .usage("\(chosen) (\(origin)) is no share directory: it has no sql/ and workflows/")
            }
            path = chosen
            return
        }
        let candidates = Share.candidates
        guard let found = candidates.first(where: Share.isComplete) else {
            throw Failure(
                "Reeve's files sql/ and workflows/ are neither in \(candidates.joined(separator: " nor in ")); say where "
                    + "they are with --share or REEVE_SHARE")
        }
        path = found
    }

    private static var candidates: [String] {
        var candidates: [String] = []
        if let binary = Environment.binary {
            candidates.append(binary.parentPath.parentPath + "/share/reeve")
        }
        candidates.append(#filePath.parentPath.parentPath.parentPath.parentPath)
        return candidates
    }

    private static func isComplete(_ path: String) -> Bool {
        Files.isDirectory(path + "/sql") && Files.isDirectory(path + "/workflows")
    }

    /// The numbered migrations.
    var migrations: String { path + "/sql" }
    /// What deadlines are computed with: the library's rules, or this installation's in their place, and calendars.
    func almanac(_ zones: ZoneDatabase) throws(DeadlineError) -> Almanac {
        var almanac = try Almanac(workflows: workflows, zones: zones)
        if let ownRules { almanac.rules = try almanac.rules.replaced(by: RuleLibrary(directory: ownRules)) }
        return almanac
    }

    /// The library of definitions.
    var workflows: String { path + "/workflows" }
    /// What `reeve up --demo` loads.
    var demo: String { path + "/demo" }
}

extension String {
    /// The path of the directory that holds what this path names.
    var parentPath: String {
        guard let slash = lastIndex(of: "/") else { return "." }
        return slash == startIndex ? "/" : String(self[..<slash])
    }
}
