import Glibc

/// What the process was started with.
enum Environment {
    /// The environment variables.
    static var variables: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            entry = entry.advanced(by: 1)
        }
        return variables
    }

    /// The path of the running binary, links resolved; nil where the system does not say.
    static var binary: String? { Files.realPath("/proc/self/exe") }
}

extension String {
    /// The path with a leading `~` replaced by the home directory.
    var expandingHome: String {
        guard self == "~" || hasPrefix("~/"), let home = Environment.variables["HOME"] else { return self }
        return home + dropFirst()
    }
}

extension StringProtocol {
    /// The text without white space at its ends.
    var trimmingBlanks: String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }
}
