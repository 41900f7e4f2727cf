/// The strings extension of CEL.
///
/// Positions count Unicode scalars.
enum ExtendedStrings {
    private typealias Scalars = [Unicode.Scalar]

    private static func scalars(_ value: Value, _ name: String, _ frame: inout Frame) throws(EvaluationError) -> Scalars
    {
        guard case .string(let text) = value else { throw Builtin.noOverload(name, value) }
        try frame.charge(bytes: text.utf8.count * 4)
        return Array(text.unicodeScalars)
    }

    private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> Value {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return .string(String(view))
    }

    private static func position(
        _ value: Value, in range: ClosedRange<Int>, _ name: String
    ) throws(EvaluationError) -> Int {
        guard case .int(let number) = value else { throw Builtin.noOverload(name, value) }
        guard let position = Int(exactly: number), range.contains(position) else {
            throw EvaluationError(.indexOutOfRange, "index out of range: \(number)")
        }
        return position
    }

    private static func mapAscii(
        _ value: Value, _ name: String, _ range: ClosedRange<UInt8>, _ frame: inout Frame
    ) throws(EvaluationError) -> Value {
        guard case .string(let text) = value else { throw Builtin.noOverload(name, value) }
        try frame.charge(bytes: text.utf8.count)
        return .string(String(decoding: text.utf8.map { range.contains($0) ? $0 ^ 0x20 : $0 }, as: UTF8.self))
    }

    @Sendable static func lowerAscii(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
        try mapAscii(value, "lowerAscii", UInt8(ascii: "A")...UInt8(ascii: "Z"), &frame)
    }

    @Sendable static func upperAscii(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
        try mapAscii(value, "upperAscii", UInt8(ascii: "a")...UInt8(ascii: "z"), &frame)
    }

    @Sendable static func trim(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
        let all = try scalars(value, "trim", &frame)
        guard let first = all.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = all.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return string(all[first...last])
    }

    @Sendable static func reverse(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
        string(try scalars(value, "reverse", &frame).reversed())
    }

    @Sendable static func charAt(
        _ value: Value, _ index: Value, _ frame: inout Frame
    ) throws(EvaluationError) -> Value {
        let all = try scalars(value, "charAt", &frame)
        let position = try position(index, in: 0...all.count, "charAt")
        return string(all[position..<min(position + 1, all.count)])
    }

    @Sendable static func substring(
        _ value: Value, _ start: Value, _ frame: inout Frame
    ) throws(EvaluationError) -> Value {
        let all = try scalars(value, "substring", &frame)
        return string(all[try position(start, in: 0...all.count, "substring")...])
    }

    @Sendable static func substringTo(_ values: [Value], _ frame: inout Frame) throws(EvaluationError) -> Value {
        let all = try scalars(values[0], "substring", &frame)
        let start = try position(values[1], in: 0...all.count, "substring")
        let end = try position(values[2], in: 0...all.count, "substring")
        guard start <= end else {
            throw EvaluationError(.indexOutOfRange, "invalid substring range: from \(start) to \(end)")
        }
        return string(all[start..<end])
    }

    // MARK: Searching

    @Sendable static func indexOf(
        _ value: Value, _ part: Value, _ frame: inout Frame
    ) throws(EvaluationError) -> Value {
        try indexOfFrom([value, part, 0], &frame)
    }

    @Sendable static func indexOfFrom(_ values: [Value], _ frame: inout Frame) throws(EvaluationError) -> Value {
        let all = try scalars(values[0], "indexOf", &frame)
        let part = try scalars(values[1], "indexOf", &frame)
        let start = try position(values[2], in: 0...all.count, "indexOf")
        guard part.count <= all.count - start else { return -1 }
        try frame.charge(bytes: (all.count - start) * part.count)
        let found = (start...(all.count - part.count)).first { all[$0..<$0 + part.count].elementsEqual(part) }
        return .int(Int64(found ?? -1))
    }

    @Sendable static func lastIndexOf(
        _ value: Value, _ part: Value, _ frame: inout Frame
    ) throws(EvaluationError) -> Value {
        guard case .string(let text) = value else { throw Builtin.noOverload("lastIndexOf", value, part) }
        return try lastIndexOfFrom([value, part, .int(Int64(text.unicodeScalars.count))], &frame)
    }

    @Sendable static func lastIndexOfFrom(_ values: [Value], _ frame: inout Frame) throws(EvaluationError) -> Value {
        let all = try scalars(values[0], "lastIndexOf", &frame)
        let part = try scalars(values[1], "lastIndexOf", &frame)
        let start = min(try position(values[2], in: 0...all.count, "lastIndexOf"), all.count - part.count)
        guard start >= 0 else { return -1 }
        try frame.charge(bytes: start * part.count)
        let found = (0...start).last { all[$0..<$0 + part.count].elementsEqual(part) }
        return .int(Int64(found ?? -1))
    }

    // MARK: Taking apart and putting together

    @Sendable static func replace(_ values: [Value], _ frame: inout Frame) throws(EvaluationError) -> Value {
        let all = try scalars(values[0], "replace", &frame)
        let old = try scalars(values[1], "replace", &frame)
        let new = try scalars(values[2], "replace", &frame)
        let limit = values.count > 3 ? try count(values[3], "replace") : .max
        try frame.charge(bytes: all.count * old.count)

        var result: Scalars = []
        var replaced = 0
        var index = 0
        while index <= all.count {
            let matches = replaced < limit && all[index...].starts(with: old)
            if matches {
                try frame.charge(bytes: new.count * 4)
                result.append(contentsOf: new)
                replaced += 1
                index += old.count
            }
            if !matches || old.isEmpty {
                if index < all.count { result.append(all[index]) }
                index += 1
            }
        }
        return string(result)
    }

    @Sendable static func split(
        _ value: Value, _ separator: Value, _ frame: inout Frame
    ) throws(EvaluationError) -> Value {
        try splitLimited([value, separator, -1], &frame)
    }

    @Sendable static func splitLimited(_ values: [Value], _ frame: inout Frame) throws(EvaluationError) -> Value {
        let all = try scalars(values[0], "split", &frame)
        let separator = try scalars(values[1], "split", &frame)
        let limit = try count(values[2], "split")
        guard limit > 0 else { return [] }
        try frame.charge(bytes: all.count * (separator.count + 16))

        var parts: [Value] = []
        var start = 0
        var index = separator.isEmpty ? 1 : 0
        while parts.count + 1 < limit, index + max(separator.count, 1) <= all.count {
            if all[index...].starts(with: separator) {
                parts.append(string(all[start..<index]))
                index += separator.count
                start = index
                if separator.isEmpty { index += 1 }
            } else {
                index += 1
            }
        }
        if !separator.isEmpty || start < all.count { parts.append(string(all[start...])) }
        return .list(parts)
    }

    private static func count(_ value: Value, _ name: String) throws(EvaluationError) -> Int {
        guard case .int(let number) = value else { throw Builtin.noOverload(name, value) }
        return number < 0 ? .max : Int(number)
    }

    @Sendable static func join(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
        try joinWith(value, "", &frame)
    }

    @Sendable static func joinWith(
        _ value: Value, _ separator: Value, _ frame: inout Frame
    ) throws(EvaluationError) -> Value {
        guard case .list(let elements) = value, case .string(let separator) = separator else {
            throw Builtin.noOverload("join", value, separator)
        }
        var joined = ""
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element else { throw Builtin.noOverload("join", value) }
            try frame.charge(1)
            try frame.charge(bytes: text.utf8.count + separator.utf8.count)
            if index > 0 { joined += separator }
            joined += text
        }
        return .string(joined)
    }

    // MARK: Quoting

    @Sendable static func quote(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
        guard case .string(let text) = value else { throw Builtin.noOverload("strings.quote", value) }
        try frame.charge(bytes: text.utf8.count)
        return .string(quoted(text))
    }

    /// The text in double quotes, with escapes as CEL reads them.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\u{07}": result += "\\a"
            case "\u{08}": result += "\\b"
            case "\u{0C}": result += "\\f"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0B}": result += "\\v"
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
