/// The smallest part of an expression that has a meaning.
struct Token {
    enum Kind: Equatable {
        /// A name that may be a variable, a function or a field.
        case identifier(String)
        /// A word that may be a field or a method, but nothing else.
        case reserved(String)
        /// A field in backquotes.
        case quoted(String)
        case symbol(Symbol)
        case keyword(Keyword)
        case int(magnitude: UInt64)
        case uint(UInt64)
        case double(Double)
        case string(String)
        case bytes([UInt8])
        case end
    }

    enum Keyword: String {
        case `true`, `false`, null, `in`
    }

    enum Symbol: String {
        case leftParenthesis = "("
        case rightParenthesis = ")"
        case leftBracket = "["
        case rightBracket = "]"
        case leftBrace = "{"
        case rightBrace = "}"
        case dot = "."
        case comma = ","
        case colon = ":"
        case question = "?"
        case plus = "+"
        case minus = "-"
        case star = "*"
        case slash = "/"
        case percent = "%"
        case not = "!"
        case and = "&&"
        case or = "||"
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    let kind: Kind
    let range: SourceRange

    /// The token as messages name it.
    var description: String {
        switch kind {
        case .identifier(let name): "'\(name)'"
        case .reserved(let name): "the reserved word '\(name)'"
        case .quoted(let name): "`\(name)`"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .keyword(let keyword): "'\(keyword.rawValue)'"
        case .int, .uint, .double: "a number"
        case .string: "a string"
        case .bytes: "a bytes literal"
        case .end: "the end"
        }
    }
}
