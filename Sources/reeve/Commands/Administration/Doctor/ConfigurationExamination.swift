import Glibc

/// What the doctor sees in the settings and in what the system allows this process.
struct ConfigurationExamination {
    let configuration: Configuration

    init(_ configuration: Configuration) { self.configuration = configuration }

    /// What was found.
    func findings() -> [Finding] { [variables(), openFiles(), metrics()].compactMap { $0 } }

    /// A misspelt variable is one that nobody reads.
    private func variables() -> Finding {
        let known = Set(Setting.allCases.map(\.variable) + ["REEVE_CONFIG"])
        let unknown = Environment.variables.keys.filter { $0.hasPrefix("REEVE_") && !known.contains($0) }.sorted()
        guard !unknown.isEmpty else { return .well("configuration", "every variable is one that Reeve knows") }
        return .mend(
            "configuration", "no setting belongs to \(unknown.joined(separator: ", "))",
            "Correct the name or unset it; the table of settings has the names.")
    }

    private func openFiles() -> Finding {
        let wanted = configuration.integer(.maxConnections)
        let room = OpenFiles.room(for: wanted)
        guard room < wanted else { return .well("open files", "there is room for \(wanted) connections") }
        return .mend(
            "open files", "the system allows \(room) connections, fewer than the \(wanted) of max-connections",
            "Raise the limit of open files (`ulimit -Hn`, LimitNOFILE= of a systemd unit), or lower max-connections.")
    }

    /// Metrics tell of all tenants.
    private func metrics() -> Finding? {
        guard configuration[.metricsToken] == nil, let host = try? configuration.address(.listen).host,
            host != "localhost", host != "::1", !host.hasPrefix("127.")
        else { return nil }
        return .note(
            "metrics", "/metrics is open to whoever reaches \(host) directly",
            "Set metrics-token, or listen on 127.0.0.1 behind a reverse proxy.")
    }
}
