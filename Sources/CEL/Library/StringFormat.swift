#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `"…".format([…])`: clauses `%s %d %f %e %b %o %x %X %%`, `%f` and `%e` with a precision as in `%.3f`.
enum StringFormat {
    @Sendable static func format(
        _ value: Value, _ arguments: Value, _ frame: inout Frame
    ) throws(EvaluationError) -> Value {
        guard case .string(let template) = value, case .list(let arguments) = arguments else {
            throw Builtin.noOverload("format", value, arguments)
        }
        var result = ""
        var next = arguments.makeIterator()
        var rest = template.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            if rest.first == "%" {
                rest.removeFirst()
                result += "%"
                continue
            }
            let precision = try precision(&rest)
            guard let clause = rest.popFirst() else { throw fault("unexpected end of string") }
            guard "sdfebxXo".unicodeScalars.contains(clause) else {
                throw fault("unrecognized formatting clause \"\(clause)\"")
            }
            guard let argument = next.next() else { throw fault("there are fewer arguments than clauses") }
            let text = try text(argument, clause, precision)
            try frame.charge(bytes: text.utf8.count)
            result += text
        }
        try frame.charge(bytes: result.utf8.count)
        return .string(result)
    }

    private static func fault(_ message: String) -> EvaluationError {
        EvaluationError(.invalidArgument, "error during formatting: " + message)
    }

    private static func precision(_ rest: inout Substring.UnicodeScalarView) throws(EvaluationError) -> Int? {
        guard rest.first == "." else { return nil }
        rest.removeFirst()
        var digits = ""
        while let scalar = rest.first, ("0"..."9").contains(scalar) {
            digits.unicodeScalars.append(scalar)
            rest.removeFirst()
        }
        guard let precision = Int(digits), precision <= 100 else {
            throw fault("expected a precision up to 100 after '.', found \"\(digits)\"")
        }
        return precision
    }

    private static func text(
        _ value: Value, _ clause: Unicode.Scalar, _ precision: Int?
    ) throws(EvaluationError) -> String {
        switch clause {
        case "s": return try plain(value)
        case "d": return try decimal(value)
        case "f": return try floating(value, "fixed-point") { fixed($0, precision ?? 6) }
        case "e": return try floating(value, "scientific") { scientific($0, precision ?? 6) }
        case "b":
            if case .bool(let flag) = value { return flag ? "1" : "0" }
            return try digits(value, radix: 2, "only integers and bools can be formatted as binary")
        case "o": return try digits(value, radix: 8, "octal clause can only be used on integers")
        default: return try hexadecimal(value, uppercase: clause == "X")
        }
    }

    private static func misfit(_ rule: String, _ value: Value) -> EvaluationError {
        fault("\(rule), was given \(value.type.name)")
    }

    private static func plain(_ value: Value) throws(EvaluationError) -> String {
        switch value {
        case .string(let text): return text
        case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .double(let number): return number.isFinite ? DoubleText.plain(number) : DoubleText.typed(number)
        case .uint(let number): return String(number)
        case .list(let elements):
            var parts: [String] = []
            for element in elements { parts.append(try plain(element)) }
            return "[" + parts.joined(separator: ", ") + "]"
        case .map(let map):
            var parts: [(key: String, text: String)] = []
            for entry in map.entries {
                let key = try plain(entry.key.value)
                parts.append((key, key + ": " + (try plain(entry.value))))
            }
            return "{" + parts.sorted { $0.key < $1.key }.map(\.text).joined(separator: ", ") + "}"
        case .object: throw misfit("string clause can only be used on values", value)
        default: return value.text
        }
    }

    private static func decimal(_ value: Value) throws(EvaluationError) -> String {
        switch value {
        case .int(let number): return String(number)
        case .uint(let number): return String(number)
        case .double(let number) where !number.isFinite: return DoubleText.typed(number)
        default: throw misfit("decimal clause can only be used on integers", value)
        }
    }

    private static func digits(_ value: Value, radix: Int, _ rule: String) throws(EvaluationError) -> String {
        switch value {
        case .int(let number): return String(number, radix: radix)
        case .uint(let number): return String(number, radix: radix)
        default: throw misfit(rule, value)
        }
    }

    private static func hexadecimal(_ value: Value, uppercase: Bool) throws(EvaluationError) -> String {
        func hex(_ bytes: some Sequence<UInt8>) -> String {
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: uppercase) }.joined()
        }
        switch value {
        case .int(let number): return String(number, radix: 16, uppercase: uppercase)
        case .uint(let number): return String(number, radix: 16, uppercase: uppercase)
        case .string(let text): return hex(text.utf8)
        case .bytes(let bytes): return hex(bytes)
        default: throw misfit("only integers, byte buffers, and strings can be formatted as hex", value)
        }
    }

    // MARK: Doubles

    private static func floating(
        _ value: Value, _ clause: String, _ text: (Double) -> String
    ) throws(EvaluationError) -> String {
        let number: Double
        switch value {
        case .double(let value): number = value
        case .int(let value): number = Double(value)
        case .uint(let value): number = Double(value)
        default: throw misfit("\(clause) clause can only be used on doubles", value)
        }
        return number.isFinite ? text(number) : DoubleText.typed(number)
    }

    /// Rounds exactly, to even on a tie, as C does.
    private static func fixed(_ value: Double, _ precision: Int) -> String { print("%.*f", precision, value) }

    private static func scientific(_ value: Double, _ precision: Int) -> String { print("%.*e", precision, value) }

    private static func print(_ format: String, _ precision: Int, _ value: Double) -> String {
        // The largest double has 309 digits before the point, and at most 100 are asked for behind it.
        var buffer = [CChar](repeating: 0, count: 512)
        let count = withVaList([Int32(precision), value]) { vsnprintf(&buffer, buffer.count, format, $0) }
        return String(decoding: buffer.prefix(Int(max(0, count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
