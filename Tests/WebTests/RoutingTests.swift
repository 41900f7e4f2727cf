import HTTPTypes
import Testing

@testable import Web

@Suite struct RoutingTests {
    private let tree = RouteTree([
        route(.get, "/things"), route(.post, "/things"), route(.get, "/things/{thing}"),
        route(.get, "/things/new"), route(.delete, "/things/{thing}/parts/{part}"),
    ])

    private static func route(_ method: HTTPRequest.Method, _ path: PathTemplate) -> Route {
        Route(
            method: method, path: path, name: "\(method.rawValue) \(path.text)", summary: "", success: .nothing,
            handle: { _ in Reply() })
    }

    private func found(_ method: HTTPRequest.Method, _ path: Substring) -> String {
        switch tree.match(method, path) {
        case .route(let route, let parameters):
            let values = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return ([route.name] + values).joined(separator: " ")
        case .wrongMethod(let allowed): return "allow " + allowed.map(\.rawValue).joined(separator: " ")
        case .nothing: return "nothing"
        case .broken: return "broken"
        }
    }

    @Test func findsRoutesWithTheirParameters() {
        #expect(found(.get, "/things") == "GET /things")
        #expect(found(.get, "/things/a%2Fb") == "GET /things/{thing} thing=a/b")
        #expect(found(.delete, "/things/1/parts/%C3%A4") == "DELETE /things/{thing}/parts/{part} part=ä thing=1")
    }

    @Test func prefersLiteralsToParameters() {
        #expect(found(.get, "/things/new") == "GET /things/new")
        #expect(found(.delete, "/things/new/parts/2") == "DELETE /things/{thing}/parts/{part} part=2 thing=new")
    }

    @Test func answersHeadWhereItAnswersGet() {
        #expect(found(.head, "/things") == "GET /things")
        #expect(found(.put, "/things") == "allow GET HEAD POST")
        #expect(found(.get, "/things/1/parts/2") == "allow DELETE")
    }

    @Test func findsNothingElsewhere() {
        #expect(found(.get, "/") == "nothing")
        #expect(found(.get, "/things/") == "nothing")
        #expect(found(.get, "/things/1/parts") == "nothing")
        #expect(found(.get, "//things") == "nothing")
        #expect(found(.get, "/things/%GG") == "broken")
        #expect(found(.get, "/things/%FF") == "broken")
    }

    @Test func readsQueryStrings() {
        let pairs = PercentEncoding.pairs(ofQuery: "a=1&b=x+y%26&c&a=2=3")?.map { "\($0.name):\($0.value)" }
        #expect(pairs == ["a:1", "b:x y&", "c:", "a:2=3"])
        #expect(PercentEncoding.pairs(ofQuery: "a=%") == nil)
        #expect(PercentEncoding.decode(PercentEncoding.encode("ä/?& ~")) == "ä/?& ~")
    }

    @Test func checksParameters() throws {
        let limit = Parameter("limit", .integer(1...10), "")
        #expect(try limit.value(of: ["7"]) == 7)
        #expect(throws: Problem.self) { try limit.value(of: ["11"]) }
        #expect(throws: Problem.self) { try limit.value(of: ["seven"]) }
        #expect(throws: Problem.self) { try limit.value(of: ["1", "2"]) }
        let states = Parameter("state", .list(of: .name), "")
        #expect(try states.value(of: ["a,b", "c"]) == ["a", "b", "c"])
    }
}

@Suite struct EntityTagTests {
    @Test func isTheVersionInQuotes() {
        #expect(EntityTag.text(7) == "\"7\"")
        #expect(EntityTag.version(of: "\"7\"") == 7)
        #expect(EntityTag.version(of: "W/\"7\"") == 7)
        for broken in ["7", "\"\"", "\"x\"", "\"7", "\""] { #expect(EntityTag.version(of: broken) == nil) }
    }
}
