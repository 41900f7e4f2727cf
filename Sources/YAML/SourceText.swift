/// The text of a document, checked for what no reader should have to guess about, with access to its lines.
struct SourceText {
    let bytes: [UInt8]
    private let lineStarts: [Int]

    /// Checks encoding and characters; throws the first fault, since what follows it cannot be trusted.
    init(_ input: [UInt8]) throws(YAMLFault) {
        bytes = input.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(input.dropFirst(3)) : input
        var decoder = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var starts = [0]
        var offset = 0
        var line = 1
        var column = 1
        var previous: UInt32 = 0
        scan: while true {
            switch decoder.parseScalar(from: &iterator) {
            case .emptyInput:
                break scan
            case .error:
                throw YAMLFault(
                    line: line, column: column, code: .encoding,
                    message: "the file is not UTF-8 from here on; save it as UTF-8")
            case .valid(let encoded):
                let scalar = Unicode.UTF8.decode(encoded).value
                if let fault = SourceText.refusal(of: scalar) {
                    throw YAMLFault(line: line, column: column, code: .encoding, message: fault)
                }
                offset += encoded.count
                column += 1
                if scalar == 0x0A || scalar == 0x0D {
                    if scalar == 0x0A, previous == 0x0D {
                        starts[starts.count - 1] = offset
                    } else {
                        line += 1
                        starts.append(offset)
                    }
                    column = 1
                }
                previous = scalar
            }
        }
        lineStarts = starts
    }

    /// Why a character may not stand in a document, or nil when it may.
    private static func refusal(of scalar: UInt32) -> String? {
        switch scalar {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E:
            return nil
        case 0x85, 0x2028, 0x2029:
            return "U+\(hexadecimal(scalar)) is a line break to some readers of YAML and not to others; "
                + "write it as an escape in double quotes"
        case 0xFEFF:
            return "a byte order mark may only stand at the very beginning; remove it"
        case 0..<0x20, 0x7F...0x9F, 0xFFFE, 0xFFFF:
            return "the control character U+\(hexadecimal(scalar)) may not stand in a document; remove it"
        default:
            return nil
        }
    }

    private static func hexadecimal(_ scalar: UInt32) -> String {
        let digits = String(scalar, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// How many lines there are, the last one possibly empty.
    var lineCount: Int { lineStarts.count }

    /// The scalars of line `number` (from 1) without its line break; empty beyond the end.
    func line(_ number: Int) -> [Unicode.Scalar] {
        guard number >= 1, number <= lineStarts.count else { return [] }
        let end = number < lineStarts.count ? lineStarts[number] : bytes.count
        var slice = bytes[lineStarts[number - 1]..<end]
        while let last = slice.last, last == 0x0A || last == 0x0D { slice = slice.dropLast() }
        return Array(String(decoding: slice, as: UTF8.self).unicodeScalars)
    }
}
