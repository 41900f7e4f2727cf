#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reading whole files and listing folders, without Foundation.
enum Files {
    /// The bytes of a file of at most 64 MB.
    static func read(_ path: String) throws(DeadlineError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(path: path, reason: "it is not a file") }
        let size = Int(status.st_size)
        guard size <= 64 << 20 else { throw .unreadable(path: path, reason: "it is larger than 64 MB") }
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size, let base = buffer.baseAddress {
                let got = Self.read(descriptor, base + count, size - count)
                if got < 0 && errno == EINTR { continue }
                failed = got < 0
                if got <= 0 { break }
                count += got
            }
        }
        if failed { throw failure(path) }
        return bytes
    }

    /// The names in a folder, without those that begin with a point.
    static func names(in directory: String) throws(DeadlineError) -> [String] {
        guard let stream = opendir(directory) else { throw failure(directory) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The paths of the regular files below a folder, relative to it; links to folders are not followed.
    static func regularFiles(below directory: String, prefix: String = "") throws(DeadlineError) -> [String] {
        var result: [String] = []
        for name in try names(in: "\(directory)/\(prefix)") {
            var status = stat()
            guard lstat("\(directory)/\(prefix)\(name)", &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                result += try regularFiles(below: directory, prefix: "\(prefix)\(name)/")
            } else if status.st_mode & S_IFMT == S_IFREG {
                result.append(prefix + name)
            }
        }
        return result
    }

    private static func read(_ descriptor: Int32, _ target: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.read(descriptor, target, count)
        #elseif canImport(Musl)
            Musl.read(descriptor, target, count)
        #else
            Darwin.read(descriptor, target, count)
        #endif
    }

    private static func failure(_ path: String) -> DeadlineError {
        .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
}
