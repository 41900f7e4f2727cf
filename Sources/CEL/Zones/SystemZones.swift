import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The time zones of the operating system's files, read when first asked for.
public final class SystemZones: ZoneDatabase {
    private let directory: String
    private let known = Mutex<[String: ZoneFile?]>([:])

    /// The zones in a directory of TZif files.
    public init(directory: String = "/usr/share/zoneinfo") { self.directory = directory }

    /// The offset of a zone such as `America/New_York`; nil where there is no file of this name.
    public func offset(of zone: String, at seconds: Int64) -> Int? {
        file(zone)?.offset(at: seconds)
    }

    private func file(_ zone: String) -> ZoneFile? {
        guard Self.isName(zone) else { return nil }
        return known.withLock { known in
            if let file = known[zone] { return file }
            let file = read(directory + "/" + zone).flatMap { ZoneFile($0) }
            // Names that do not exist are not kept: there is no end of them.
            if let file { known[zone] = file }
            return file
        }
    }

    /// Whether this is a name such as `Etc/GMT+1` and no path that leads elsewhere.
    private static func isName(_ zone: String) -> Bool {
        let parts = zone.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return zone.utf8.count <= 64
            && parts.allSatisfy { part in
                part.first?.startsName == true
                    && part.allSatisfy { $0.continuesName || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
            }
    }

    private func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        // The largest of these files has less than 4 KiB; what has more is none.
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = fread(&bytes, 1, bytes.count, file)
        return count < bytes.count ? Array(bytes.prefix(count)) : nil
    }
}
