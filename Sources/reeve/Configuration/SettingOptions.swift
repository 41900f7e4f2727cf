import ArgumentParser

/// The flags that every configured command takes.
struct SettingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A configuration file of `setting: value` lines.", valueName: "file"))
    var config: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Any setting, above environment and file; `reeve doctor` lists them.", valueName: "setting=value"))
    var settings: [String] = []

    @Option(help: ArgumentHelp("Directory with sql/ and workflows/.", valueName: "dir"))
    var share: String?

    @Option(help: ArgumentHelp("Least severe messages that are logged.", valueName: "level"))
    var logLevel: String?

    /// The settings of this run.
    ///
    /// - Parameter flags: values of flags that the command has of its own; nil where not given.
    func load(_ flags: [Setting: String?] = [:]) throws(Failure) -> Configuration {
        var values: [Setting: String] = [:]
        for text in settings {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, let setting = Setting(rawValue: parts[0]) else {
                let known = Setting.allCases.map(\.rawValue).joined(separator: ", ")
                throw .usage("--set takes SETTING=VALUE with one of these settings: \(known)")
            }
            values[setting] = parts[1]
        }
        for (setting, text) in flags { if let text { values[setting] = text } }
        if let share { values[.share] = share }
        if let logLevel { values[.logLevel] = logLevel }
        return try Configuration(flags: values, file: config, environment: Environment.variables)
    }
}
