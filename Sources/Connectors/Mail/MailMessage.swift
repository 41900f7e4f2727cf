import Deadlines

/// A plain text mail in UTF-8.
struct MailMessage: Sendable {
    var from: MailAddress
    var fromName: String
    var to: MailAddress
    var toName: String
    var subject: String
    var text: String
    /// Left side of the message's identifier.
    var id: String
    /// Left side of the identifier that joins messages on one matter in a thread.
    var thread: String
    var date: Instant

    /// The message as it goes over the wire, lines ending in CR LF, none longer than 76 characters but where a
    /// header's word is.
    var bytes: [UInt8] {
        let headers = [
            "Date: \(Self.format(date))",
            MailHeader.line("From", address: from, called: fromName),
            MailHeader.line("To", address: to, called: toName),
            MailHeader.line("Subject", text: subject),
            "Message-ID: <\(id)@\(from.domain)>",
            "References: <\(thread)@\(from.domain)>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
        ]
        return Array(headers.joined(separator: "\r\n").utf8) + Array("\r\n\r\n".utf8) + QuotedPrintable.encode(text)
    }

    /// An instant as RFC 5322 writes it, in universal time.
    static func format(_ instant: Instant) -> String {
        let (days, second) = instant.seconds.quotientAndRemainder(dividingBy: 86_400)
        let date = CivilDate(dayNumber: Int(days))
        let (year, month, day) = date.components
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let time = "\(padded(second / 3600)):\(padded(second / 60 % 60)):\(padded(second % 60))"
        return "\(date.weekday.name.prefix(3)), \(day) \(months[month - 1]) \(year) \(time) +0000"
    }
}

/// The quoted-printable encoding of RFC 2045.
enum QuotedPrintable {
    /// Text with line ends of any kind as lines of at most 76 characters that end in CR LF.
    static func encode(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            encode(line: Array(line.utf8), into: &output)
            output += [13, 10]
        }
        return output
    }

    private static func encode(line: [UInt8], into output: inout [UInt8]) {
        var column = 0
        for (index, byte) in line.enumerated() {
            let isLast = index == line.count - 1
            let isPlain: Bool
            switch byte {
            case 0x20, 0x09: isPlain = !isLast
            case UInt8(ascii: "="): isPlain = false
            default: isPlain = (0x21...0x7e).contains(byte)
            }
            let width = isPlain ? 1 : 3
            // One column is kept for the `=` of a soft line end.
            if column + width > 75 {
                output += [UInt8(ascii: "="), 13, 10]
                column = 0
            }
            if isPlain {
                output.append(byte)
            } else {
                let digits = Array("0123456789ABCDEF".utf8)
                output += [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
            column += width
        }
    }
}
