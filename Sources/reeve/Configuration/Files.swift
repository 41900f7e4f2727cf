import Glibc
import JSON

/// Files and directories, with errors that name the path and the cause.
enum Files {
    /// Reads a file of at most so many bytes; `-` is standard input.
    static func read(_ path: String, limit: Int = 64 << 20) throws(Failure) -> [UInt8] {
        let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot be opened", path) }
        defer { if descriptor != 0 { close(descriptor) } }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("cannot be read", path) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { throw Failure("\(path) has more than the \(limit) bytes allowed") }
        }
    }

    /// Reads a file that holds one JSON value; `-` is standard input.
    static func readJSON(_ path: String) throws(Failure) -> JSON {
        let bytes = try read(path)
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw .usage("\(path):\(error)")
        }
    }

    /// Writes a file that its owner alone may read; what was there is replaced whole or not at all.
    static func writePrivate(_ path: String, _ text: String) throws(Failure) {
        let draft = path + ".new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("cannot be written", draft) }
        let isSafe = writeAll(Array(text.utf8), to: descriptor) && fsync(descriptor) == 0
        close(descriptor)
        guard isSafe, rename(draft, path) == 0 else { throw failure("cannot be written", path) }
    }

    /// Writes a file that its owner alone may read; `-` is standard output.
    static func write(_ path: String, _ bytes: [UInt8]) throws(Failure) {
        if path == "-" { Console.flush() }
        let descriptor = path == "-" ? 1 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("cannot be written", path) }
        defer { if descriptor != 1 { close(descriptor) } }
        guard writeAll(bytes, to: descriptor) else { throw failure("cannot be written", path) }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { return false }
                rest = rest.dropFirst(written)
            }
            return true
        }
    }

    /// The names in a directory, sorted.
    static func names(in path: String) throws(Failure) -> [String] {
        guard let directory = opendir(path) else { throw failure("cannot be listed", path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Makes a directory and those above it.
    static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(Failure) {
        if isDirectory(path) { return }
        let parent = path.parentPath
        if parent != path, !isDirectory(parent) { try makeDirectory(parent) }
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw failure("cannot be made", path) }
    }

    /// Whether a path names a directory.
    static func isDirectory(_ path: String) -> Bool { type(path) == S_IFDIR }

    /// Whether a path names a file.
    static func isFile(_ path: String) -> Bool { type(path) == S_IFREG }

    private static func type(_ path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    /// The path with links resolved.
    static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func failure(_ what: String, _ path: String) -> Failure {
        Failure("\(path) \(what): \(String(cString: strerror(errno)))")
    }
}
