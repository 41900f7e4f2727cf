/// Content lines of iCalendar (RFC 5545, 3.1): `NAME:value`, folded to 75 octets, ended by CR and LF.
struct ContentLines {
    private(set) var text = ""

    /// Adds a line whose value is written as it is; control characters, which would start new lines, are left out.
    mutating func add(_ name: String, _ value: String) {
        var width = 0
        for scalar in "\(name):\(value)".unicodeScalars where scalar.value >= 32 && scalar.value != 127 {
            let octets = UTF8.width(scalar)
            // A continuation begins with a space, which counts.
            if width + octets > 75 {
                text += "\r\n "
                width = 1
            }
            text.unicodeScalars.append(scalar)
            width += octets
        }
        text += "\r\n"
    }

    /// Adds a line whose value is text for people.
    mutating func add(text name: String, _ value: String) { add(name, Self.escaped(value)) }

    /// A text with what has a meaning in iCalendar escaped (RFC 5545, 3.3.11).
    static func escaped(_ text: String) -> String {
        var result = ""
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", ";", ",":
                result += "\\"
                result.unicodeScalars.append(scalar)
            case "\r": result += "\\n"
            case "\n": result += previous == "\r" ? "" : "\\n"
            default: result.unicodeScalars.append(scalar)
            }
            previous = scalar
        }
        return result
    }
}
