import JSON
import Workflows

/// Definitions, fragments, scenarios and regimes in the file system.
enum WorkflowFiles {
    /// The YAML files at paths: files as they are, of directories all below them.
    static func find(_ paths: [String]) throws(Failure) -> [String] {
        var found: [String] = []
        for path in paths {
            if Files.isDirectory(path) {
                let below = try all(below: path.hasSuffix("/") ? String(path.dropLast()) : path)
                guard !below.isEmpty else { throw .usage("\(path): there is no YAML file below this directory") }
                found += below
            } else if Files.isFile(path) {
                // Includes are found from the file's own directory, which a bare name does not say.
                found.append(path.contains("/") ? path : Files.realPath(path) ?? path)
            } else {
                throw .usage("\(path): there is no such file or directory")
            }
        }
        return found
    }

    private static func all(below directory: String) throws(Failure) -> [String] {
        var found: [String] = []
        for name in try Files.names(in: directory) where !name.hasPrefix(".") {
            let path = "\(directory)/\(name)"
            if Files.isDirectory(path) {
                found += try all(below: path)
            } else if name.hasSuffix(".yaml") {
                found.append(path)
            }
        }
        return found
    }

    /// The bytes of a file; nil where it cannot be read.
    static func bytes(_ path: String) -> [UInt8]? { try? Files.read(path, limit: 16 << 20) }

    /// The library's definitions and regimes.
    static func library(_ share: Share) throws(Failure) -> WorkflowCheck {
        WorkflowCheck(try find([share.workflows]), file: bytes)
    }

    /// The regimes of the library.
    static func regimes(_ share: Share) throws(Failure) -> RegimeLibrary {
        let paths = try find(["\(share.workflows)/regimes"])
        do throws(Faults) {
            return try RegimeLibrary.decode(paths, file: bytes).get()
        } catch {
            throw Failure(error.description)
        }
    }

    /// A definition by the path of its file, or by the name of a workflow of the library.
    static func definition(_ name: String, _ share: Share) throws(Failure) -> Definition {
        var path = name
        if !Files.isFile(name) {
            path = "\(share.workflows)/\(name)/\(name).yaml"
            guard !name.contains("/"), Files.isFile(path) else {
                throw .usage("\(name) is neither a file nor a workflow of the library")
            }
        }
        path = try find([path])[0]
        do throws(Faults) {
            return try Definition.decode(path, file: bytes).get()
        } catch {
            throw Failure(error.description)
        }
    }

    /// What is published of a definition: its file and all that it includes, by paths that begin above its directory.
    static func source(_ path: String) throws(Failure) -> JSON {
        let root = path.parentPath.parentPath + "/"
        func short(_ file: String) -> String { file.hasPrefix(root) ? String(file.dropFirst(root.count)) : file }
        var files: JSONObject = [:]
        for file in Definition.decode(path, file: bytes).files {
            guard let text = bytes(file).flatMap({ String(validating: $0, as: UTF8.self) }) else {
                throw Failure("\(file) cannot be read as text in UTF-8")
            }
            files[short(file)] = .string(text)
        }
        return ["main": .string(short(path)), "files": .object(files)]
    }
}

extension Fault {
    /// The fault for programs.
    var json: JSON {
        [
            "file": .string(file), "line": .int(Int64(line)), "column": .int(Int64(column)),
            "length": .int(Int64(length)), "severity": .string(severity.rawValue), "code": .string(code.rawValue),
            "message": .string(message), "expected": expected.map(JSON.string) ?? .null,
            "suggestion": suggestion.map(JSON.string) ?? .null,
        ]
    }
}

extension Console {
    /// Writes faults for people or programs, and ends the command with 1 where one of them is an error, or, if strict,
    /// where there is any.
    static func report(_ faults: [Fault], json: Bool, sum: String, isStrict: Bool = false) throws(Failure) {
        let errors = faults.filter { $0.severity == .error }.count
        if json {
            write(["faults": .array(faults.map(\.json)), "errors": .int(Int64(errors))])
        } else {
            for fault in faults { write(fault.description) }
            write("\(sum): \(errors) errors, \(faults.count - errors) warnings")
        }
        if errors > 0 || isStrict && !faults.isEmpty { throw .silent }
    }
}
