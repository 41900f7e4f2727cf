import YAML

/// The entries of a definition's root, united from all its files.
struct UnitedRoot {
    let element: Element
    let entries: [NamedElement]
}

/// Reads a definition's files and unites their maps.
struct Inclusion {
    private static let mostFiles = 64

    let log: FaultLog
    let limits: YAML.Limits
    private(set) var files: [String] = []

    init(log: FaultLog, limits: YAML.Limits) {
        self.log = log
        self.limits = limits
    }

    /// Reads `path` and what it includes; nil where the first file is no map.
    mutating func unite(_ path: String, file: (String) -> [UInt8]?) -> UnitedRoot? {
        files.append(path)
        guard let bytes = file(path) else {
            let position = SourcePosition(file: path, line: 1, column: 1)
            log.report(.unreadableFile, at: position, "the file does not exist or cannot be read")
            return nil
        }
        guard let root = read(bytes, path) else { return nil }
        guard root.node.mapping != nil else {
            log.report(
                .wrongKind, at: root.position, "a definition is a map, and this is \(root.node.summary)",
                expected: "keys such as `workflow`, `states` and `data`")
            return nil
        }
        var sections = root.entries
        for include in sections.first(where: { $0.name == "include" })?.value.elements ?? [] {
            add(include, from: path, stack: [path], to: &sections, file: file)
        }
        return UnitedRoot(element: root, entries: sections)
    }

    private func read(_ bytes: [UInt8], _ path: String) -> Element? {
        let (root, faults) = YAML.read(bytes, limits: limits)
        for fault in faults {
            let position = SourcePosition(file: path, line: fault.line, column: fault.column)
            log.report(
                Fault.Code(rawValue: fault.code.rawValue) ?? .yamlSyntax, at: position, length: fault.length,
                fault.message)
        }
        return root.map { Element(node: $0, file: path) }
    }

    private mutating func add(
        _ include: Element, from base: String, stack: [String], to sections: inout [NamedElement],
        file: (String) -> [UInt8]?
    ) {
        guard let name = include.node.string, let path = Inclusion.resolve(name, from: base) else {
            log.report(
                .invalidValue, at: include.position, length: include.length,
                "`include` names files by paths relative to this one", expected: "such as `../shared/ladders.yaml`")
            return
        }
        if stack.contains(path) {
            log.report(.includeCycle, at: include.position, length: include.length, "`\(name)` includes itself")
            return
        }
        // A fragment that comes by two ways is united once.
        guard !files.contains(path) else { return }
        guard files.count < Self.mostFiles else {
            log.report(.includeCycle, at: include.position, "a definition includes at most \(Self.mostFiles) files")
            return
        }
        files.append(path)
        guard let bytes = file(path) else {
            log.report(
                .unreadableFile, at: include.position, length: include.length,
                "the file `\(path)` does not exist or cannot be read")
            return
        }
        guard let root = read(bytes, path) else { return }
        guard let fragment = Fragment(root, log: log) else { return }
        for section in fragment.sections { unite(section, into: &sections) }
        for next in fragment.includes { add(next, from: path, stack: stack + [path], to: &sections, file: file) }
    }

    /// Adds a fragment's section to the definition's of the same name; a name in both is a fault.
    private func unite(_ section: NamedElement, into sections: inout [NamedElement]) {
        guard let index = sections.firstIndex(where: { $0.name == section.name }) else {
            sections.append(section)
            return
        }
        let present = sections[index]
        guard present.value.node.mapping != nil || present.value.united != nil else { return }
        let entries = present.value.entries
        for entry in section.value.entries {
            guard let first = entries.first(where: { $0.name == entry.name }) else { continue }
            let place = "\(first.key.file):\(first.key.position.line)"
            log.report(
                .duplicateName, at: entry.key.position, length: entry.key.length,
                "`\(entry.name)` under `\(section.name)` is defined in \(place) already; nothing can be overridden")
        }
        let added = section.value.entries.filter { entry in !entries.contains { $0.name == entry.name } }
        sections[index] = NamedElement(
            name: present.name, key: present.key, value: present.value.uniting(entries + added))
    }

    /// The path that `name` means in the file `base`; nil for an absolute one or one that leaves the tree.
    static func resolve(_ name: String, from base: String) -> String? {
        guard !name.isEmpty, !name.hasPrefix("/"), !name.contains("\\"), !name.unicodeScalars.contains("\0") else {
            return nil
        }
        var parts = base.split(separator: "/", omittingEmptySubsequences: false).dropLast().map(String.init)
        for part in name.split(separator: "/") {
            switch part {
            case ".": continue
            case "..":
                if let last = parts.last, last != "..", last != "" { parts.removeLast() } else { parts.append("..") }
            default: parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }
}

/// A file that only other files include.
private struct Fragment {
    /// Sections that are maps of names and can be united.
    static let sectionKeys = [
        "roles", "decisions", "states", "on", "correct", "clocks", "children", "escalations", "templates",
    ]

    let sections: [NamedElement]
    let includes: [Element]

    init?(_ root: Element, log: FaultLog) {
        let keys = ["fragment", "include"] + Self.sectionKeys
        guard let record = Record(root, "a fragment", keys: keys, log: log) else { return nil }
        if record["fragment"]?.node.string == nil {
            log.report(.missingKey, at: root.position, "a file that is included says `fragment: NAME`")
        }
        includes = record["include"]?.elements ?? []
        sections = root.entries.filter { entry in
            guard Self.sectionKeys.contains(entry.name), record[entry.name] != nil else { return false }
            if entry.value.node.mapping != nil { return true }
            log.report(
                .wrongKind, at: entry.value.position, length: entry.value.length,
                "`\(entry.name)` is a map of names, and this is \(entry.value.node.summary)")
            return false
        }
    }
}
