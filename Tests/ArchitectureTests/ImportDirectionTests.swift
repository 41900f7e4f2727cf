import Foundation
import Testing

/// Imports point one way only; see docs/architecture.md.
@Suite struct ImportDirectionTests {
    /// What each module may import of this package.
    static let allowed: [String: Set<String>] = [
        "JSON": [],
        "YAML": [],
        "CEL": ["JSON"],
        "Deadlines": ["JSON", "YAML"],
        "Workflows": ["JSON", "YAML", "CEL", "Deadlines"],
        "PostgresClient": ["CLibPQ"],
        "PostgresCluster": [],
        "Engine": ["JSON", "YAML", "CEL", "Deadlines", "Workflows", "PostgresClient", "CLibCrypto"],
        "Connectors": ["JSON", "Deadlines", "Engine", "CLibCurl", "CLibCrypto"],
        "Web": ["JSON", "YAML", "CEL", "Deadlines", "Workflows", "Engine"],
        "reeve": [
            "JSON", "YAML", "CEL", "Deadlines", "Workflows", "PostgresClient", "PostgresCluster", "Engine",
            "Connectors",
            "Web", "CLibCurl",
        ],
    ]

    /// Modules that know no database, no network and no clock.
    static let pure: Set<String> = ["JSON", "YAML", "CEL", "Deadlines", "Workflows"]

    /// What only a module that acts on the world imports.
    static let worldly: Set<String> = [
        "Logging", "Metrics", "ServiceLifecycle", "NIOCore", "Hummingbird", "Dispatch", "FoundationNetworking",
    ]

    static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources")

    @Test func everyModuleImportsOnlyWhatStandsBelow() throws {
        var found = 0
        for (module, imports) in try Self.importsByModule() {
            guard let allowed = Self.allowed[module] else {
                Issue.record("module \(module) has no row in the table of allowed imports")
                continue
            }
            for (name, file) in imports where Self.allowed[name] != nil || name.hasPrefix("CLib") {
                found += 1
                #expect(allowed.contains(name), "\(module) imports \(name) in \(file)")
            }
        }
        #expect(found > 0, "no imports were found below \(Self.sources.path())")
    }

    @Test func pureModulesKnowNothingOfTheWorld() throws {
        for (module, imports) in try Self.importsByModule() where Self.pure.contains(module) {
            for (name, file) in imports {
                #expect(!Self.worldly.contains(name), "\(module) imports \(name) in \(file)")
            }
        }
    }

    /// The imports of each module, with the file that has them.
    static func importsByModule() throws -> [String: [(name: String, file: String)]] {
        var imports: [String: [(String, String)]] = [:]
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            let path = file.path().dropFirst(sources.path().count).drop { $0 == "/" }
            let module = String(path.prefix { $0 != "/" })
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let words = line.split(separator: " ")
                guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count,
                    words[..<keyword].allSatisfy({ $0.hasPrefix("@") || $0 == "public" || $0 == "internal" })
                else { continue }
                let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
                let target =
                    kinds.contains(words[keyword + 1]) ? words.dropFirst(keyword + 2).first : words[keyword + 1]
                guard let target else { continue }
                imports[module, default: []].append((String(target.prefix { $0 != "." }), String(path)))
            }
        }
        return imports
    }
}
