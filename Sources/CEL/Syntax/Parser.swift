/// Builds the tree of an expression from its tokens, by recursive descent with bounded depth.
struct Parser {
    let tokens: [Token]
    let limits: Expression.Limits
    var position = 0
    private(set) var nodeCount = 0
    private var nesting = 0

    init(tokens: [Token], limits: Expression.Limits) {
        self.tokens = tokens
        self.limits = limits
    }

    mutating func expression() throws(SyntaxFault) -> Node {
        let node = try ternary()
        guard token.kind == .end else { throw unexpected("an operator or the end") }
        return node
    }

    // MARK: Tokens

    var token: Token { tokens[position] }

    func unexpected(_ expected: String) -> SyntaxFault {
        SyntaxFault(message: "expected \(expected), found \(token.description)", range: token.range)
    }

    mutating func take() -> Token {
        let token = tokens[position]
        if position < tokens.count - 1 { position += 1 }
        return token
    }

    mutating func take(_ symbol: Token.Symbol) -> Bool {
        guard token.kind == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    mutating func expect(_ symbol: Token.Symbol, _ expected: String) throws(SyntaxFault) -> SourceRange {
        guard token.kind == .symbol(symbol) else { throw unexpected(expected) }
        return take().range
    }

    // MARK: Nodes

    mutating func node(_ kind: Node.Kind, _ range: SourceRange) throws(SyntaxFault) -> Node {
        let id = nodeCount
        nodeCount += 1
        let bare = Node(id: id, range: range, kind: kind, isParenthesized: false, height: 1)
        let height = bare.children.reduce(0) { max($0, $1.height) } + 1
        guard height <= limits.height else {
            throw SyntaxFault(message: "the expression is nested more than \(limits.height) levels deep", range: range)
        }
        return Node(id: id, range: range, kind: kind, isParenthesized: false, height: height)
    }

    private mutating func nested<T>(_ body: (inout Parser) throws(SyntaxFault) -> T) throws(SyntaxFault) -> T {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= limits.nesting else {
            throw SyntaxFault(message: "nested more than \(limits.nesting) levels deep", range: token.range)
        }
        return try body(&self)
    }

    // MARK: Operators

    mutating func ternary() throws(SyntaxFault) -> Node {
        try nested { (parser: inout Parser) throws(SyntaxFault) -> Node in
            let condition = try parser.disjunction()
            guard parser.take(.question) else { return condition }
            let then = try parser.disjunction()
            _ = try parser.expect(.colon, "':' between the two results of '?'")
            let otherwise = try parser.ternary()
            return try parser.node(
                .conditional(condition, then, otherwise), condition.range.joined(otherwise.range))
        }
    }

    private mutating func disjunction() throws(SyntaxFault) -> Node {
        let first = try conjunction()
        guard token.kind == .symbol(.or) else { return first }
        var operands = [first]
        while take(.or) { operands.append(try conjunction()) }
        return try node(.or(operands), first.range.joined(operands[operands.count - 1].range))
    }

    private mutating func conjunction() throws(SyntaxFault) -> Node {
        let first = try binary(level: 0)
        guard token.kind == .symbol(.and) else { return first }
        var operands = [first]
        while take(.and) { operands.append(try binary(level: 0)) }
        return try node(.and(operands), first.range.joined(operands[operands.count - 1].range))
    }

    /// Parses relations (level 0), sums (1) or products (2), all of which group from the left.
    private mutating func binary(level: Int) throws(SyntaxFault) -> Node {
        guard level < 3 else { return try unary() }
        var left = try binary(level: level + 1)
        while let found = binaryOperator, found.level == level {
            position += 1
            let right = try binary(level: level + 1)
            left = try node(.binary(found.operator, left, right), left.range.joined(right.range))
        }
        return left
    }

    private var binaryOperator: (operator: Node.BinaryOperator, level: Int)? {
        switch token.kind {
        case .keyword(.in): return (.isIn, 0)
        case .symbol(let symbol):
            guard let found = Node.BinaryOperator(rawValue: symbol.rawValue) else { return nil }
            switch found {
            case .add, .subtract: return (found, 1)
            case .multiply, .divide, .modulo: return (found, 2)
            default: return (found, 0)
            }
        default: return nil
        }
    }

    private mutating func unary() throws(SyntaxFault) -> Node {
        var operators: [Token] = []
        while token.kind == .symbol(.not) || (token.kind == .symbol(.minus) && !signsNumber) {
            operators.append(take())
        }
        var operand = try member()
        for sign in operators.reversed() {
            let found: Node.UnaryOperator = sign.kind == .symbol(.not) ? .not : .negate
            operand = try node(.unary(found, operand), sign.range.joined(operand.range))
        }
        return operand
    }

    /// Whether the minus at the position belongs to the number behind it, as its sign.
    private var signsNumber: Bool {
        switch tokens[position + 1].kind {
        case .int, .double: true
        default: false
        }
    }

    // MARK: Fields, calls and indices

    private mutating func member() throws(SyntaxFault) -> Node {
        var operand = try primary()
        while true {
            if take(.dot) {
                operand = try selection(of: operand)
            } else if take(.leftBracket) {
                let index = try ternary()
                let end = try expect(.rightBracket, "']' after the index")
                operand = try node(.index(operand, index), operand.range.joined(end))
            } else {
                return operand
            }
        }
    }

    private mutating func selection(of operand: Node) throws(SyntaxFault) -> Node {
        let name: Node.Name
        let token = token
        switch token.kind {
        case .identifier(let text), .reserved(let text): name = Node.Name(text: text, range: token.range)
        case .quoted(let text):
            _ = take()
            return try node(
                .select(operand, Node.Name(text: text, range: token.range)), operand.range.joined(token.range))
        default: throw unexpected("a field or function after '.'")
        }
        _ = take()
        guard take(.leftParenthesis) else {
            return try node(.select(operand, name), operand.range.joined(name.range))
        }
        let (arguments, end) = try arguments()
        let range = operand.range.joined(end)
        if let macro = try comprehension(name, on: operand, arguments, range) { return macro }
        return try node(.call(Node.Call(function: name, target: operand, arguments: arguments)), range)
    }

    private mutating func arguments() throws(SyntaxFault) -> (nodes: [Node], end: SourceRange) {
        var nodes: [Node] = []
        if token.kind == .symbol(.rightParenthesis) { return (nodes, take().range) }
        repeat { nodes.append(try ternary()) } while take(.comma)
        return (nodes, try expect(.rightParenthesis, "',' or ')' after an argument"))
    }

    // MARK: Primaries

    private mutating func primary() throws(SyntaxFault) -> Node {
        let token = token
        switch token.kind {
        case .symbol(.leftParenthesis):
            _ = take()
            let inner = try ternary()
            let end = try expect(.rightParenthesis, "')'")
            // The range takes in the parentheses, so that the text of what encloses it reads right.
            return Node(
                id: inner.id, range: token.range.joined(end), kind: inner.kind, isParenthesized: true,
                height: inner.height)
        case .symbol(.leftBracket): return try list()
        case .symbol(.leftBrace): return try map()
        case .symbol(.dot):
            _ = take()
            guard case .identifier(let text) = self.token.kind else { throw unexpected("a name after '.'") }
            return try named(text, from: token.range, isAbsolute: true)
        case .identifier(let text): return try named(text, from: token.range, isAbsolute: false)
        case .reserved(let text):
            throw SyntaxFault(message: "'\(text)' is a reserved word and no name", range: token.range)
        default: return try literal()
        }
    }

    private mutating func named(
        _ text: String, from start: SourceRange, isAbsolute: Bool
    ) throws(SyntaxFault) -> Node {
        let name = Node.Name(text: text, range: take().range)
        if token.kind == .symbol(.leftBrace) {
            throw SyntaxFault(message: "messages such as \(text){…} are not supported", range: token.range)
        }
        guard take(.leftParenthesis) else {
            return try node(.identifier(text, isAbsolute: isAbsolute), start.joined(name.range))
        }
        let (arguments, end) = try arguments()
        let range = start.joined(end)
        if text == "has", !isAbsolute { return try has(arguments, range) }
        return try node(.call(Node.Call(function: name, target: nil, arguments: arguments)), range)
    }

    private mutating func list() throws(SyntaxFault) -> Node {
        let start = take().range
        var elements: [Node] = []
        while token.kind != .symbol(.rightBracket) {
            elements.append(try ternary())
            guard take(.comma) else { break }
        }
        let end = try expect(.rightBracket, "',' or ']' in the list")
        return try node(.list(elements), start.joined(end))
    }

    private mutating func map() throws(SyntaxFault) -> Node {
        let start = take().range
        var entries: [(key: Node, value: Node)] = []
        while token.kind != .symbol(.rightBrace) {
            let key = try ternary()
            _ = try expect(.colon, "':' after the key")
            entries.append((key, try ternary()))
            guard take(.comma) else { break }
        }
        let end = try expect(.rightBrace, "',' or '}' in the map")
        return try node(.map(entries), start.joined(end))
    }

    private mutating func literal() throws(SyntaxFault) -> Node {
        let token = token
        let value: Value
        switch token.kind {
        case .keyword(.true): value = .bool(true)
        case .keyword(.false): value = .bool(false)
        case .keyword(.null): value = .null
        case .string(let text): value = .string(text)
        case .bytes(let bytes): value = .bytes(bytes)
        case .uint(let number): value = .uint(number)
        case .symbol(.minus):
            _ = take()
            let number = self.token
            return try node(.literal(try self.number(isNegative: true)), token.range.joined(number.range))
        case .int, .double: return try node(.literal(try number(isNegative: false)), token.range)
        default: throw unexpected("a value")
        }
        _ = take()
        return try node(.literal(value), token.range)
    }

    private mutating func number(isNegative: Bool) throws(SyntaxFault) -> Value {
        let token = take()
        switch token.kind {
        case .double(let value): return .double(isNegative ? -value : value)
        case .int(let magnitude):
            if isNegative, magnitude <= UInt64(Int64.max) + 1 {
                return .int(Int64(truncatingIfNeeded: 0 &- magnitude))
            }
            if !isNegative, magnitude <= UInt64(Int64.max) { return .int(Int64(magnitude)) }
            throw SyntaxFault(message: "the number is out of the range of an int", range: token.range)
        default: throw SyntaxFault(message: "expected a number after '-'", range: token.range)
        }
    }
}
