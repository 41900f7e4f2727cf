/// The operators and functions that every environment has, as the checker sees them.
enum StandardLibrary {
    /// The functions by name.
    static let declarations: [String: FunctionDeclaration] = {
        var declarations: [String: FunctionDeclaration] = [:]
        for declaration in conversions + collections + strings + times + extendedStrings {
            declarations[declaration.name] = declaration
        }
        return declarations
    }()

    /// The overloads of an operator with two operands.
    static func overloads(of binary: Node.BinaryOperator) -> [Overload] {
        switch binary {
        case .equal, .notEqual: equality
        case .less, .lessOrEqual, .greater, .greaterOrEqual: orders
        case .isIn: membership
        case .add: additions
        case .subtract: subtractions
        case .multiply, .divide: products
        case .modulo: remainders
        }
    }

    /// Whether an operator compares, so that its result is a bool.
    static func yieldsBool(_ binary: Node.BinaryOperator) -> Bool { overloads(of: binary)[0].result == .bool }

    private static let a = CELType.parameter("A")
    private static let b = CELType.parameter("B")

    private static let equality: [Overload] = [.function([a, a], .bool)]

    private static let orders: [Overload] = {
        let numbers: [CELType] = [.int, .uint, .double]
        let alike = [CELType.bool, .string, .bytes, .timestamp, .duration].map { Overload.function([$0, $0], .bool) }
        return alike + numbers.flatMap { left in numbers.map { .function([left, $0], .bool) } }
    }()

    private static let membership: [Overload] = [
        .function([a, .list(a)], .bool), .function([a, .map(a, b)], .bool),
    ]

    private static let additions: [Overload] =
        [CELType.int, .uint, .double, .string, .bytes, .list(a), .duration].map { .function([$0, $0], $0) } + [
            .function([.timestamp, .duration], .timestamp), .function([.duration, .timestamp], .timestamp),
        ]

    private static let subtractions: [Overload] =
        [CELType.int, .uint, .double, .duration].map { .function([$0, $0], $0) } + [
            .function([.timestamp, .timestamp], .duration), .function([.timestamp, .duration], .timestamp),
        ]

    private static let products: [Overload] = [CELType.int, .uint, .double].map { .function([$0, $0], $0) }

    private static let remainders: [Overload] = [CELType.int, .uint].map { .function([$0, $0], $0) }

    private static func conversion(_ name: String, to result: CELType, from types: [CELType]) -> FunctionDeclaration {
        FunctionDeclaration(name, types.map { .function([$0], result) })
    }

    private static let conversions: [FunctionDeclaration] = [
        conversion("bool", to: .bool, from: [.bool, .string]),
        conversion("int", to: .int, from: [.int, .uint, .double, .string, .timestamp]),
        conversion("uint", to: .uint, from: [.uint, .int, .double, .string]),
        conversion("double", to: .double, from: [.double, .int, .uint, .string]),
        conversion(
            "string", to: .string, from: [.string, .bool, .int, .uint, .double, .bytes, .timestamp, .duration]),
        conversion("bytes", to: .bytes, from: [.bytes, .string]),
        conversion("timestamp", to: .timestamp, from: [.timestamp, .string, .int]),
        conversion("duration", to: .duration, from: [.duration, .string]),
        conversion("dyn", to: .dyn, from: [a]),
        conversion("type", to: .type, from: [a]),
    ]

    private static let collections: [FunctionDeclaration] = [
        FunctionDeclaration(
            "size",
            [CELType.string, .bytes, .list(a), .map(a, b)].flatMap {
                [.function([$0], .int), .method(on: $0, [], .int)]
            })
    ]

    private static let strings: [FunctionDeclaration] = [
        FunctionDeclaration("contains", [.method(on: .string, [.string], .bool)]),
        FunctionDeclaration("startsWith", [.method(on: .string, [.string], .bool)]),
        FunctionDeclaration("endsWith", [.method(on: .string, [.string], .bool)]),
        FunctionDeclaration(
            "matches", [.method(on: .string, [.string], .bool), .function([.string, .string], .bool)]),
    ]

    private static let times: [FunctionDeclaration] = TimeField.allCases.map { field in
        let onTimestamp: [Overload] = [
            .method(on: .timestamp, [], .int), .method(on: .timestamp, [.string], .int),
        ]
        return FunctionDeclaration(
            field.rawValue, onTimestamp + (field.isOfDurations ? [.method(on: .duration, [], .int)] : []))
    }

    private static let extendedStrings: [FunctionDeclaration] = [
        FunctionDeclaration("charAt", [.method(on: .string, [.int], .string)]),
        FunctionDeclaration(
            "indexOf", [.method(on: .string, [.string], .int), .method(on: .string, [.string, .int], .int)]),
        FunctionDeclaration(
            "lastIndexOf", [.method(on: .string, [.string], .int), .method(on: .string, [.string, .int], .int)]),
        FunctionDeclaration("lowerAscii", [.method(on: .string, [], .string)]),
        FunctionDeclaration("upperAscii", [.method(on: .string, [], .string)]),
        FunctionDeclaration(
            "replace",
            [
                .method(on: .string, [.string, .string], .string),
                .method(on: .string, [.string, .string, .int], .string),
            ]),
        FunctionDeclaration(
            "split",
            [
                .method(on: .string, [.string], .list(.string)),
                .method(on: .string, [.string, .int], .list(.string)),
            ]),
        FunctionDeclaration(
            "substring", [.method(on: .string, [.int], .string), .method(on: .string, [.int, .int], .string)]),
        FunctionDeclaration("trim", [.method(on: .string, [], .string)]),
        FunctionDeclaration("reverse", [.method(on: .string, [], .string)]),
        FunctionDeclaration(
            "join",
            [.method(on: .list(.string), [], .string), .method(on: .list(.string), [.string], .string)]),
        FunctionDeclaration("strings.quote", [.function([.string], .string)]),
        FunctionDeclaration("format", [.method(on: .string, [.list(.dyn)], .string)]),
    ]
}
