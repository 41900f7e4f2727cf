/// One numbered file of SQL that brings a schema from one version to the next.
public struct Migration: Sendable, Hashable {
    /// The number that the file's name begins with.
    public let number: Int
    /// The file's name, such as `0007_journal.sql`.
    public let name: String
    /// What the file holds.
    public let text: String

    /// Reads number and name apart.
    ///
    /// - Throws: ``MigrationError/malformedName(_:)`` where the name is not four digits, `_`, words and `.sql`.
    public init(name: String, text: String) throws(MigrationError) {
        let digits = name.prefix { $0.isASCII && $0.isNumber }
        guard digits.count == 4, let number = Int(digits), number > 0, name.dropFirst(4).first == "_",
            name.hasSuffix(".sql"), name.count > 9
        else { throw .malformedName(name) }
        self.number = number
        self.name = name
        self.text = text
    }

    /// Whether the file runs in one transaction; one that begins with `-- reeve: no transaction` runs statement by
    /// statement, as `CREATE INDEX CONCURRENTLY` needs.
    public var isTransactional: Bool { !text.hasPrefix("-- reeve: no transaction") }
}

/// Why a schema was not brought up to date.
public enum MigrationError: Error, Sendable, Hashable {
    /// A file's name is not like `0007_journal.sql`.
    case malformedName(String)
    /// Two files have the same number.
    case duplicate(String, String)
    /// A number is missing before this file.
    case gap(before: String)
    /// A file that was applied has another content now.
    case edited(String)
    /// A file that was applied is no longer there.
    case missing(String)
    /// A file that has not been applied comes before one that has.
    case outOfOrder(String, after: String)
    /// A file that runs outside a transaction was broken off before this statement, counted from 1.
    case interrupted(String, statement: Int)
    /// The server refused the file; what it did was undone, save by one that runs outside a transaction.
    case failed(String, PostgresError)
    /// The records of migrations could not be read or written.
    case database(PostgresError)
}

extension MigrationError: CustomStringConvertible {
    /// Cause and way out.
    public var description: String {
        switch self {
        case .malformedName(let name):
            "\(name): migrations are named like 0007_journal.sql. Rename the file."
        case .duplicate(let first, let second):
            "\(first) and \(second) have the same number. Give the later one the next number."
        case .gap(let name):
            "\(name): the number before it is missing. Numbers continue without gaps."
        case .edited(let name):
            "\(name) was applied with another content. Applied migrations are never edited: restore the file, and "
                + "put the change into a new one."
        case .missing(let name):
            "\(name) was applied and is no longer there. This program may be older than the database: install the "
                + "version that the database was migrated with, or a newer one."
        case .outOfOrder(let name, let last):
            "\(name) has not been applied, but \(last) after it has. Give it the next number."
        case .interrupted(let name, let statement):
            "\(name) was broken off before its statement \(statement). Look at what it left (an index may be INVALID: "
                + "drop it), then run `reeve migrate --resume`."
        case .failed(let name, let error): "\(name): \(error)"
        case .database(let error): "The records of migrations: \(error)"
        }
    }
}
