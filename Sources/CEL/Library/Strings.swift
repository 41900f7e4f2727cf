/// The standard functions on strings.
enum Strings {
    @Sendable static func contains(
        _ value: Value, _ part: Value, _ frame: inout Frame
    ) throws(EvaluationError) -> Value {
        guard case .string(let text) = value, case .string(let part) = part else {
            throw Builtin.noOverload("contains", value, part)
        }
        try frame.charge(bytes: text.utf8.count + part.utf8.count)
        return .bool(ByteSearch.first(part, in: text, from: 0) != nil)
    }

    @Sendable static func startsWith(
        _ value: Value, _ part: Value, _ frame: inout Frame
    ) throws(EvaluationError) -> Value {
        guard case .string(let text) = value, case .string(let part) = part else {
            throw Builtin.noOverload("startsWith", value, part)
        }
        try frame.charge(bytes: part.utf8.count)
        return .bool(text.utf8.starts(with: part.utf8))
    }

    @Sendable static func endsWith(
        _ value: Value, _ part: Value, _ frame: inout Frame
    ) throws(EvaluationError) -> Value {
        guard case .string(let text) = value, case .string(let part) = part else {
            throw Builtin.noOverload("endsWith", value, part)
        }
        try frame.charge(bytes: part.utf8.count)
        return .bool(text.utf8.suffix(part.utf8.count).elementsEqual(part.utf8))
    }

    @Sendable static func matches(
        _ value: Value, _ pattern: Value, _ frame: inout Frame
    ) throws(EvaluationError) -> Value {
        guard case .string(let text) = value, case .string(let pattern) = pattern else {
            throw Builtin.noOverload("matches", value, pattern)
        }
        let regex: Regex
        do throws(RegexError) {
            regex = try Regex(pattern)
        } catch {
            throw EvaluationError(.invalidArgument, "\(error.message) in the pattern")
        }
        try frame.charge(regex.size + pattern.utf8.count)
        try frame.charge(matching: text, regex)
        return .bool(regex.matches(text))
    }
}

/// Finds bytes in bytes in linear time, whatever they are (Knuth, Morris and Pratt).
enum ByteSearch {
    /// The byte offset of the first occurrence of `part` at or behind `start`.
    static func first(_ part: String, in text: String, from start: Int) -> Int? {
        let part = Array(part.utf8)
        guard !part.isEmpty else { return start }
        var borders = [0]
        var matched = 0
        for index in part.indices.dropFirst() {
            while matched > 0, part[index] != part[matched] { matched = borders[matched - 1] }
            if part[index] == part[matched] { matched += 1 }
            borders.append(matched)
        }
        matched = 0
        for (offset, byte) in text.utf8.enumerated().dropFirst(start) {
            while matched > 0, byte != part[matched] { matched = borders[matched - 1] }
            if byte == part[matched] { matched += 1 }
            if matched == part.count { return offset - part.count + 1 }
        }
        return nil
    }
}
