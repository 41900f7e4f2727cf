import Web
import YAML

/// The settings of one run, each with where it came from.
struct Configuration: Sendable {
    /// Where a value came from, in rising order.
    enum Origin: Sendable, Equatable {
        case standard
        case environment(String)
        case file(String, line: Int)
        case flag

        /// The place, for people.
        var words: String {
            switch self {
            case .standard: "default"
            case .environment(let variable): "environment, \(variable)"
            case .file(let path, let line): "\(path):\(line)"
            case .flag: "command line"
            }
        }
    }

    private var values: [Setting: (text: String, origin: Origin)] = [:]

    /// Unites defaults, environment, file and flags, in rising order; checks every value.
    ///
    /// - Parameters:
    ///   - flags: values given on the command line.
    ///   - file: path of the configuration file; nil means the one that `REEVE_CONFIG` names, if any.
    ///   - environment: the process's environment.
    init(flags: [Setting: String] = [:], file: String? = nil, environment: [String: String]) throws(Failure) {
        for setting in Setting.allCases {
            if let standard = setting.standard { values[setting] = (standard, .standard) }
            if let text = environment[setting.variable], !text.isEmpty {
                values[setting] = (text, .environment(setting.variable))
            }
        }
        if let path = file ?? environment["REEVE_CONFIG"], !path.isEmpty { try read(path) }
        for (setting, text) in flags { values[setting] = (text, .flag) }
        for (setting, value) in values { try setting.check(value.text, value.origin) }
    }

    private mutating func read(_ path: String) throws(Failure) {
        let bytes = try Files.read(path)
        let root: YAMLNode
        do throws(YAMLError) {
            root = try YAML.parse(bytes)
        } catch {
            throw .usage(error.faults.map { "\(path):\($0.line):\($0.column): \($0.message)" }.joined(separator: "\n"))
        }
        if root.isNull { return }
        guard let members = root.mapping else {
            throw .usage("\(path):\(root.line): expected lines of `setting: value`")
        }
        for entry in members {
            let place = "\(path):\(entry.keyNode.line)"
            guard let setting = Setting(rawValue: entry.key) else {
                let known = Setting.allCases.map(\.rawValue).joined(separator: ", ")
                throw .usage("\(place): there is no setting \"\(entry.key)\"; known are \(known)")
            }
            guard let scalar = entry.value.scalar else { throw .usage("\(place): \(entry.key) takes one plain value") }
            values[setting] = (scalar.text, .file(path, line: entry.keyNode.line))
        }
    }

    /// The text of a setting; nil where it is unset.
    subscript(setting: Setting) -> String? { values[setting]?.text }

    /// The text of a setting that has to be set.
    func required(_ setting: Setting) throws(Failure) -> String {
        if let text = self[setting] { return text }
        throw .usage(
            "The setting \(setting.rawValue) is missing: \(setting.summary). Set \(setting.variable) or use "
                + "--\(setting.rawValue).")
    }

    /// The whole number of a setting; its kind has been checked.
    func integer(_ setting: Setting) -> Int { values[setting].flatMap { Int($0.text) } ?? 0 }

    /// The whole number of a setting for which 0 means that there is no limit.
    func limit(_ setting: Setting) -> Int? {
        let value = integer(setting)
        return value == 0 ? nil : value
    }

    /// Host and port of a setting that holds an address.
    func address(_ setting: Setting) throws(Failure) -> (host: String, port: Int) {
        let text = try required(setting)
        guard let address = Setting.address(text) else { throw .usage("\(setting.rawValue) is no address: \(text)") }
        return address
    }

    /// Where a setting came from; nil where it is unset.
    func origin(_ setting: Setting) -> Origin? { values[setting]?.origin }

    /// The value as it may be shown.
    func shown(_ setting: Setting) -> String {
        guard let text = self[setting] else { return "" }
        if case .secret = setting.kind { return "(set)" }
        return text
    }
}

extension Setting {
    fileprivate func check(_ text: String, _ origin: Configuration.Origin) throws(Failure) {
        switch kind {
        case .text, .secret: return
        case .integer(let range):
            if let value = Int(text), range.contains(value) { return }
            throw refused(text, origin, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        case .choice(let choices):
            if choices.contains(text) { return }
            throw refused(text, origin, "one of \(choices.joined(separator: ", "))")
        case .networks:
            if TrustedProxies(parsing: text) != nil { return }
            throw refused(text, origin, "addresses and networks such as 127.0.0.1,10.0.0.0/8")
        case .address:
            if Setting.address(text) != nil { return }
            throw refused(text, origin, "HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080")
        }
    }

    private func refused(_ text: String, _ origin: Configuration.Origin, _ expected: String) -> Failure {
        .usage("\(rawValue) (\(origin.words)): expected \(expected), found \"\(text)\"")
    }

    /// Host and port of `HOST:PORT`; an IPv6 host stands in brackets.
    static func address(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        return host.isEmpty ? nil : (String(host), port)
    }
}
