import JSON
import Synchronization

/// The calendars of a folder of JSON files, `de-by.json`, each read when first asked for and kept.
///
/// Safe to share between threads.
public final class CalendarLibrary: Sendable {
    /// Where the files lie; nil where all calendars were given.
    public let directory: String?
    private let zones: ZoneDatabase?
    private let known: Mutex<[String: WorkCalendar]>

    /// The calendars of a folder; the database is asked for the zones that they name.
    public init(directory: String, zones: ZoneDatabase) {
        (self.directory, self.zones) = (directory, zones)
        known = Mutex([:])
    }

    /// The given calendars and no others.
    public init(_ calendars: [WorkCalendar]) {
        (directory, zones) = (nil, nil)
        known = Mutex(Dictionary(calendars.map { ($0.id, $0) }) { _, last in last })
    }

    private init(directory: String?, zones: ZoneDatabase?, known: [String: WorkCalendar]) {
        (self.directory, self.zones) = (directory, zones)
        self.known = Mutex(known)
    }

    /// This library with further calendars, which take the place of those of the same identifier: a tenant's own.
    public func with(_ calendars: [WorkCalendar]) -> CalendarLibrary {
        let all = known.withLock { $0 }.merging(calendars.map { ($0.id, $0) }) { _, last in last }
        return CalendarLibrary(directory: directory, zones: zones, known: all)
    }

    /// The calendar of that identifier.
    ///
    /// Throws `unknownCalendar`, or `faults` where its file is not what it should be.
    public func calendar(_ id: String) throws(DeadlineError) -> WorkCalendar {
        try calendar(id, beneath: [])
    }

    /// The identifiers of all calendars, sorted.
    public func ids() throws(DeadlineError) -> [String] {
        let kept = known.withLock { Array($0.keys) }
        guard let directory else { return kept.sorted() }
        let files = try Files.names(in: directory).filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
        return Set(files).union(kept).sorted()
    }

    /// All calendars, read where that was not done yet.
    public func all() throws(DeadlineError) -> [WorkCalendar] {
        var calendars: [WorkCalendar] = []
        for id in try ids() { calendars.append(try calendar(id)) }
        return calendars
    }

    /// A calendar from JSON, such as a tenant's; what it includes is looked up here.
    public func decode(_ bytes: [UInt8], file: String) throws(DeadlineError) -> WorkCalendar {
        try decode(bytes, file: file, beneath: [])
    }

    /// This library with the texts of further calendars, which may include one another in any order.
    ///
    /// What such a text includes is looked up among the texts first; where a calendar includes its own identifier, the
    /// library's is meant, so that a tenant can lay closing days over `de`.
    ///
    /// - Returns: the library, and of each text that cannot be read why.
    public func with(texts: [String: [UInt8]]) -> (library: CalendarLibrary, faults: [String: DeadlineError]) {
        let overlay = Overlay(self, texts)
        for id in texts.keys.sorted() { _ = try? overlay.calendar(id, beneath: []) }
        return (with(Array(overlay.read.values)), overlay.faults)
    }

    /// Calendars that are read over those of a library; used by one thread.
    private final class Overlay {
        private let library: CalendarLibrary
        private let texts: [String: [UInt8]]
        private(set) var read: [String: WorkCalendar] = [:]
        private(set) var faults: [String: DeadlineError] = [:]

        init(_ library: CalendarLibrary, _ texts: [String: [UInt8]]) { (self.library, self.texts) = (library, texts) }

        func calendar(_ id: String, beneath parents: [String]) throws(DeadlineError) -> WorkCalendar {
            if let known = read[id] { return known }
            guard let text = texts[id], !parents.contains(id) else { return try library.calendar(id) }
            if let fault = faults[id] { throw fault }
            do throws(DeadlineError) {
                let calendar = try library.decode(text, file: id) { name throws(DeadlineError) in
                    try self.calendar(name, beneath: parents + [id])
                }
                guard calendar.id == id else {
                    throw .faults([
                        DataFault(file: id, line: 1, column: 1, message: "the calendar calls itself \"\(calendar.id)\"")
                    ])
                }
                read[id] = calendar
                return calendar
            } catch {
                faults[id] = error
                throw error
            }
        }
    }

    private func calendar(_ id: String, beneath parents: [String]) throws(DeadlineError) -> WorkCalendar {
        if let calendar = known.withLock({ $0[id] }) { return calendar }
        guard let directory, Self.isIdentifier(id) else { throw unknown(id) }
        let path = "\(directory)/\(id).json"
        guard let bytes = try? Files.read(path) else { throw unknown(id) }
        let calendar = try decode(bytes, file: path, beneath: parents + [id])
        guard calendar.id == id else {
            throw .faults([
                DataFault(file: path, line: 1, column: 1, message: "the calendar calls itself \"\(calendar.id)\"")
            ])
        }
        return known.withLock { known in
            let kept = known[id] ?? calendar
            known[id] = kept
            return kept
        }
    }

    private func decode(_ bytes: [UInt8], file: String, beneath parents: [String]) throws(DeadlineError) -> WorkCalendar
    {
        try decode(bytes, file: file) { id throws(DeadlineError) in
            guard !parents.contains(id) else { throw .unknownCalendar("\(id), which includes itself", nearest: nil) }
            return try self.calendar(id, beneath: parents)
        }
    }

    private func decode(
        _ bytes: [UInt8], file: String, _ lookUp: @escaping (String) throws(DeadlineError) -> WorkCalendar
    ) throws(DeadlineError) -> WorkCalendar {
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            let fault = DataFault(file: file, line: error.line, column: error.column, message: error.message)
            throw .faults([fault])
        }
        return try CalendarReader(file: file, bytes: bytes, zones: zones, lookUp: lookUp).calendar(from: json)
    }

    private func unknown(_ id: String) -> DeadlineError {
        .unknownCalendar(id, nearest: nearest(to: id, among: (try? ids()) ?? []))
    }

    /// Only what can name a calendar, so that no path leads out of the folder.
    private static func isIdentifier(_ id: String) -> Bool {
        !id.isEmpty && id.utf8.count <= 64
            && id.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) || $0 == UInt8(ascii: "-") }
    }
}
