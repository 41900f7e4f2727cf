import Synchronization

/// The time zones of a directory of TZif files, read when first asked for and kept.
///
/// Safe to share between threads. Zones once read stay as they are until the process ends, even when the files are
/// replaced, so that one process never mixes two versions.
public final class ZoneDatabase: Sendable {
    /// Where the files lie.
    public let directory: String
    /// The version of the data: the one it states (`2025b`), else a mark derived from the content.
    public let version: String

    private let zones = Mutex<[String: Zone]>([:])

    /// The database in a directory, by default the operating system's.
    ///
    /// Throws `unreadable` where there is none.
    public init(directory: String = "/usr/share/zoneinfo") throws(DeadlineError) {
        self.directory = directory
        version = try Self.version(in: directory)
    }

    /// The zone of that IANA name; names are compared exactly.
    public func zone(_ id: String) throws(DeadlineError) -> Zone {
        if let known = zones.withLock({ $0[id] }) { return known }
        if id == "UTC" { return keep(Zone(id: id, version: version, initialOffset: 0, transitions: [], cycles: false)) }
        guard Self.isName(id), let bytes = try? Files.read("\(directory)/\(id)") else {
            throw .unknownZone(id, nearest: nearest(to: id, among: names()))
        }
        do {
            return keep(try TZif(bytes).zone(id: id, version: version))
        } catch {
            throw .unusableZone(id, reason: error.reason)
        }
    }

    private func keep(_ zone: Zone) -> Zone {
        zones.withLock { zones in
            let kept = zones[zone.id] ?? zone
            zones[zone.id] = kept
            return kept
        }
    }

    /// The names of the zones of tables `tzdata.zi` or `zone1970.tab`, for suggestions; empty where neither is there.
    public func names() -> [String] {
        if let bytes = try? Files.read("\(directory)/tzdata.zi") {
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                if words.first == "Z", words.count > 1 { return String(words[1]) }
                return words.first == "L" && words.count > 2 ? String(words[2]) : nil
            }
        }
        guard let bytes = try? Files.read("\(directory)/zone1970.tab") else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
            let columns = line.split(separator: "\t")
            return line.hasPrefix("#") || columns.count < 3 ? nil : String(columns[2])
        }
    }

    /// Only what can name a zone, so that no path leads out of the directory.
    private static func isName(_ id: String) -> Bool {
        let allowed = id.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "/_+-".utf8.contains(byte)
        }
        return allowed && !id.isEmpty && id.utf8.count <= 64
            && id.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
    }

    private static func version(in directory: String) throws(DeadlineError) -> String {
        if let bytes = try? Files.read("\(directory)/+VERSION") {
            return String(decoding: bytes.prefix { $0 > 32 }, as: UTF8.self)
        }
        if let bytes = try? Files.read("\(directory)/tzdata.zi") {
            let line = String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
            let words = line.split(separator: " ")
            if words.count == 3, words[1] == "version" { return String(words[2]) }
            return "sha256:" + SHA256.hexDigest(of: bytes).prefix(12)
        }
        var hash = SHA256()
        let paths = try Files.regularFiles(below: directory).sorted()
        guard !paths.isEmpty else { throw .unreadable(path: directory, reason: "it holds no time zones") }
        for path in paths {
            hash.update(Array(path.utf8))
            hash.update(try Files.read("\(directory)/\(path)"))
        }
        return "sha256:" + hash.finishedHex().prefix(12)
    }
}
