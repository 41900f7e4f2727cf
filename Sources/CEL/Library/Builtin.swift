/// The standard functions as they are evaluated.
enum Builtin {
    typealias Unary = @Sendable (Value, inout Frame) throws(EvaluationError) -> Value
    typealias Binary = @Sendable (Value, Value, inout Frame) throws(EvaluationError) -> Value
    typealias Variadic = @Sendable ([Value], inout Frame) throws(EvaluationError) -> Value

    case unary(Unary)
    case binary(Binary)
    case variadic(Variadic)

    /// The function of a name with so many arguments, the receiver among them; nil where there is none.
    static func named(_ name: String, isMember: Bool, argumentCount: Int) -> Builtin? {
        if isMember {
            switch argumentCount {
            case 1: methods[name].map { .unary($0) }
            case 2: methodsWithArgument[name].map { .binary($0) }
            default: variadicMethod(name, argumentCount)
            }
        } else {
            switch argumentCount {
            case 1: functions[name].map { .unary($0) }
            case 2: name == "matches" ? .binary(Strings.matches) : nil
            default: nil
            }
        }
    }

    private static let functions: [String: Unary] = [
        "bool": Conversions.bool, "int": Conversions.int, "uint": Conversions.uint, "double": Conversions.double,
        "string": Conversions.string, "bytes": Conversions.bytes, "timestamp": Conversions.timestamp,
        "duration": Conversions.duration, "size": size, "strings.quote": ExtendedStrings.quote,
        "dyn": Conversions.dyn, "type": Conversions.type,
    ]

    private static let methods: [String: Unary] = {
        var methods: [String: Unary] = [
            "size": size, "lowerAscii": ExtendedStrings.lowerAscii, "upperAscii": ExtendedStrings.upperAscii,
            "trim": ExtendedStrings.trim, "reverse": ExtendedStrings.reverse, "join": ExtendedStrings.join,
        ]
        for field in TimeField.allCases {
            @Sendable func read(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
                try field.read(value)
            }
            methods[field.rawValue] = read
        }
        return methods
    }()

    private static let methodsWithArgument: [String: Binary] = {
        var methods: [String: Binary] = [
            "contains": Strings.contains, "startsWith": Strings.startsWith, "endsWith": Strings.endsWith,
            "matches": Strings.matches, "charAt": ExtendedStrings.charAt, "indexOf": ExtendedStrings.indexOf,
            "lastIndexOf": ExtendedStrings.lastIndexOf, "split": ExtendedStrings.split,
            "substring": ExtendedStrings.substring, "join": ExtendedStrings.joinWith,
            "format": StringFormat.format,
        ]
        for field in TimeField.allCases {
            @Sendable func read(
                _ value: Value, _ zone: Value, _ frame: inout Frame
            ) throws(EvaluationError) -> Value {
                try field.read(value, in: zone, frame.zones)
            }
            methods[field.rawValue] = read
        }
        return methods
    }()

    private static func variadicMethod(_ name: String, _ count: Int) -> Builtin? {
        switch (name, count) {
        case ("indexOf", 3): .variadic(ExtendedStrings.indexOfFrom)
        case ("lastIndexOf", 3): .variadic(ExtendedStrings.lastIndexOfFrom)
        case ("replace", 3), ("replace", 4): .variadic(ExtendedStrings.replace)
        case ("split", 3): .variadic(ExtendedStrings.splitLimited)
        case ("substring", 3): .variadic(ExtendedStrings.substringTo)
        default: nil
        }
    }

    @Sendable private static func size(_ value: Value, _ frame: inout Frame) throws(EvaluationError) -> Value {
        switch value {
        case .string(let text):
            try frame.charge(bytes: text.utf8.count)
            return .int(Int64(text.unicodeScalars.count))
        case .bytes(let bytes): return .int(Int64(bytes.count))
        case .list(let elements): return .int(Int64(elements.count))
        case .map(let map): return .int(Int64(map.count))
        case .object(let object):
            if let names = object.memberNames { return .int(Int64(names.count)) }
            throw noOverload("size", value)
        default: throw noOverload("size", value)
        }
    }

    static func noOverload(_ name: String, _ values: Value...) -> EvaluationError {
        let types = values.map(\.type.name).joined(separator: ", ")
        return EvaluationError(.noSuchOverload, "no such overload: \(name)() for \(types)")
    }
}
