/// Text in the headers of a mail: RFC 5322, with the encoded words of RFC 2047 where it is not plain ASCII.
enum MailHeader {
    /// `name: value` for a text, folded so that no line is longer than 76 characters where words allow.
    static func line(_ name: String, text: String) -> String {
        let text = singleLine(text)
        return
            "\(name): \(isPlain(text) ? folded(text, after: name.count + 2) : encodedWords(text, after: name.count + 2))"
    }

    /// `name: value` for an address with the name that people see.
    static func line(_ name: String, address: MailAddress, called person: String) -> String {
        let person = singleLine(person)
        if person.isEmpty { return "\(name): \(address)" }
        let phrase =
            isPlain(person)
            ? "\"\(person.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
            : encodedWords(person, after: name.count + 2)
        return "\(name): \(phrase)\r\n <\(address)>"
    }

    /// Line breaks and other control characters become spaces: a subject can never add a header.
    static func singleLine(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            scalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return String(scalars).split(separator: " ").joined(separator: " ")
    }

    /// Whether a text can stand as it is: printable ASCII in words that fit a line, none like an encoded word.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7e).contains($0) } && !text.contains("=?")
            && text.split(separator: " ").allSatisfy { $0.utf8.count <= 60 }
    }

    private static func folded(_ text: String, after column: Int) -> String {
        var lines = ""
        var column = column
        for word in text.split(separator: " ") {
            if column > 0, lines.isEmpty {
                lines += word
                column += word.utf8.count
            } else if column + 1 + word.utf8.count > 76 {
                lines += "\r\n \(word)"
                column = 1 + word.utf8.count
            } else {
                lines += " \(word)"
                column += 1 + word.utf8.count
            }
        }
        return lines
    }

    /// Encoded words of at most 75 characters, cut between characters of Unicode, one a line.
    private static func encodedWords(_ text: String, after column: Int) -> String {
        var words: [String] = []
        var piece: [UInt8] = []
        // 12 characters are `=?UTF-8?B?` and `?=`; each three bytes take four characters.
        var room = (75 - min(column, 30) - 12) / 4 * 3
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if piece.count + bytes.count > room {
                words.append(Base64.encode(piece))
                piece = []
                room = 45
            }
            piece += bytes
        }
        words.append(Base64.encode(piece))
        return words.map { "=?UTF-8?B?\($0)?=" }.joined(separator: "\r\n ")
    }
}

/// A mail address that is safe to use in commands and headers; whether it exists only its server knows.
struct MailAddress: Sendable, Equatable, CustomStringConvertible {
    let description: String

    /// The part behind the `@`.
    var domain: Substring { description[description.index(after: description.lastIndex(of: "@")!)...] }

    /// Nil where it is not `local@domain`, or holds spaces, brackets, quotes or control characters.
    init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), (1...255).contains(parts[1].utf8.count) else {
            return nil
        }
        let forbidden = text.unicodeScalars.contains { scalar in
            switch scalar {
            case " ", "<", ">", "(", ")", "[", "]", ",", ";", ":", "\\", "\"": true
            default: scalar.properties.generalCategory == .control || scalar.properties.isWhitespace
            }
        }
        guard !forbidden, !parts[1].hasPrefix("."), !parts[1].hasPrefix("-") else { return nil }
        description = text
    }
}
