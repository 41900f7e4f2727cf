/// The functions that turn a value of one type into one of another.
enum Conversions {
    @Sendable static func bool(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
        switch value {
        case .bool: return value
        case .string(let text):
            switch text {
            case "1", "t", "T", "true", "TRUE", "True": return .bool(true)
            case "0", "f", "F", "false", "FALSE", "False": return .bool(false)
            default: throw refused(value, "a bool")
            }
        default: throw Builtin.noOverload("bool", value)
        }
    }

    @Sendable static func int(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
        switch value {
        case .int: return value
        case .uint(let number):
            guard let whole = Int64(exactly: number) else { throw outOfRange(value, "an int") }
            return .int(whole)
        case .double(let number):
            // The bounds themselves are refused: as doubles they stand for values outside the range too.
            guard number > -0x1p63, number < 0x1p63 else { throw outOfRange(value, "an int") }
            return .int(Int64(number))
        case .string(let text):
            guard let whole = Int64(text) else { throw refused(value, "an int") }
            return .int(whole)
        case .timestamp(let instant): return .int(instant.seconds)
        default: throw Builtin.noOverload("int", value)
        }
    }

    @Sendable static func uint(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
        switch value {
        case .uint: return value
        case .int(let number):
            guard let whole = UInt64(exactly: number) else { throw outOfRange(value, "a uint") }
            return .uint(whole)
        case .double(let number):
            guard number >= 0, number < 0x1p64 else { throw outOfRange(value, "a uint") }
            return .uint(UInt64(number))
        case .string(let text):
            guard let whole = UInt64(text) else { throw refused(value, "a uint") }
            return .uint(whole)
        default: throw Builtin.noOverload("uint", value)
        }
    }

    @Sendable static func double(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
        switch value {
        case .double: return value
        case .int(let number): return .double(Double(number))
        case .uint(let number): return .double(Double(number))
        case .string(let text):
            guard let number = Double(text) else { throw refused(value, "a double") }
            return .double(number)
        default: throw Builtin.noOverload("double", value)
        }
    }

    @Sendable static func string(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
        switch value {
        case .string: return value
        case .bool(let flag): return .string(flag ? "true" : "false")
        case .int(let number): return .string(String(number))
        case .uint(let number): return .string(String(number))
        case .double(let number): return .string(DoubleText.plain(number))
        case .bytes(let bytes):
            try frame.charge(bytes: bytes.count)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw EvaluationError(.invalidArgument, "the bytes are not valid UTF-8")
            }
            return .string(text)
        case .timestamp(let instant): return .string(instant.rfc3339)
        case .duration(let span): return .string(span.text)
        default: throw Builtin.noOverload("string", value)
        }
    }

    @Sendable static func bytes(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
        switch value {
        case .bytes: return value
        case .string(let text):
            try frame.charge(bytes: text.utf8.count)
            return .bytes(Array(text.utf8))
        default: throw Builtin.noOverload("bytes", value)
        }
    }

    @Sendable static func timestamp(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
        switch value {
        case .timestamp: return value
        case .int(let seconds):
            guard let instant = Timestamp(seconds: seconds) else { throw outOfRange(value, "a timestamp") }
            return .timestamp(instant)
        case .string(let text):
            guard let instant = Timestamp(rfc3339: text) else { throw refused(value, "a timestamp") }
            return .timestamp(instant)
        default: throw Builtin.noOverload("timestamp", value)
        }
    }

    @Sendable static func duration(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
        switch value {
        case .duration: return value
        case .string(let text):
            guard let span = Span(parsing: text) else { throw refused(value, "a duration") }
            return .duration(span)
        default: throw Builtin.noOverload("duration", value)
        }
    }

    @Sendable static func dyn(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value { value }

    @Sendable static func type(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
        .type(value.type)
    }

    private static func outOfRange(_ value: Value, _ type: String) -> EvaluationError {
        EvaluationError(.overflow, "\(value.text) is out of the range of \(type)")
    }

    private static func refused(_ value: Value, _ type: String) -> EvaluationError {
        EvaluationError(.invalidArgument, "\(value.text) is not, or is out of the range of, \(type)")
    }
}
