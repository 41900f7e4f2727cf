import Foundation
import Testing

/// A small library that is loaded into real programs before all others, and misleads them about the world.
///
/// What a program is told comes through the dynamic linker, so neither Reeve nor PostgreSQL has a door for it.
enum Preload: String {
    /// Shifts the wall clock.
    case clock
    /// Traps when a word is about to be written.
    case trap

    /// Builds the library.
    ///
    /// - Returns: where it is.
    func build(in folder: String) throws -> String {
        let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Preloads/\(rawValue).c")
        let library = "\(folder)/\(rawValue).so"
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/env")
        compiler.arguments = ["clang", "-shared", "-fPIC", "-O2", "-Wall", "-o", library, source.path(), "-ldl"]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0, "\(rawValue).c could not be compiled")
        return library
    }
}

/// A wall clock that programs started with it go by, and that a test can set.
final class SetClock: Sendable {
    private let path: String
    private let library: String

    /// - Parameters:
    ///   - folder: must be open to whoever runs the programs.
    ///   - name: of the clock; each has a file of its own.
    init(in folder: String, named name: String) throws {
        library = try Preload.clock.build(in: folder)
        path = "\(folder)/\(name).clock"
        try Data(count: 8).write(to: URL(filePath: path))
        chmod(path, 0o644)
    }

    /// How far it goes before (above zero) or behind the machine's.
    var shift: Duration {
        get throws {
            let bytes = try Data(contentsOf: URL(filePath: path))
            return .microseconds(bytes.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) })
        }
    }

    /// Sets it; every program that goes by it sees that at once.
    func set(_ shift: Duration) throws {
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        let (seconds, attoseconds) = shift.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        try file.write(contentsOf: withUnsafeBytes(of: microseconds) { Data($0) })
        try file.close()
    }

    /// Lets time pass.
    func advance(_ duration: Duration) throws { try set(try shift + duration) }

    /// What a program's environment needs.
    var environment: [String: String] { ["LD_PRELOAD": library, "FAULTS_CLOCK": path] }
}
