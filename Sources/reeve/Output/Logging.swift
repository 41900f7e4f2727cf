import Glibc
import JSON
import Logging

/// Sends log lines to standard error, as text or as one JSON object a line.
struct LogHandler: Logging.LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    let label: String
    let isJSON: Bool

    /// Makes this the handler of every logger of the process.
    static func install(_ configuration: Configuration) {
        let level = configuration[.logLevel].flatMap(Logger.Level.init(rawValue:)) ?? .notice
        let isJSON = configuration[.logFormat] == "json"
        LoggingSystem.bootstrap { LogHandler(logLevel: level, label: $0, isJSON: isJSON) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let merged = metadata.merging(event.metadata ?? [:]) { $1 }
        let members = merged.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        let now = LogHandler.now
        if isJSON {
            var line: JSONObject = [
                "time": .string(now), "level": .string(event.level.rawValue), "source": .string(label),
                "message": .string("\(event.message)"),
            ]
            for (key, value) in members { line[key] = .string(value) }
            Console.error(JSON.object(line).text())
        } else {
            let tail = members.map { " \($0.0)=\($0.1)" }.joined()
            Console.error("\(now) \(event.level.rawValue) \(label): \(event.message)\(tail)")
        }
    }

    private static var now: String {
        var instant = timespec()
        clock_gettime(CLOCK_REALTIME, &instant)
        var parts = tm()
        gmtime_r(&instant.tv_sec, &parts)
        func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let milliseconds = String(1000 + instant.tv_nsec / 1_000_000).dropFirst()
        let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        return "\(date)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(milliseconds)Z"
    }
}
