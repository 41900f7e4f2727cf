import Testing

@testable import PostgresClient

@Suite struct YieldsTests {
    @Test("what does not help is left out but for a try now and then, and comes back when it helps")
    func adapts() {
        var yields = Yields()
        var tried = 0
        for _ in 0..<1000 where yields.shouldTry() {
            tried += 1
            yields.note(helped: false)
        }
        #expect((32...64).contains(tried))
        while !yields.shouldTry() {}
        yields.note(helped: true)
        let next = yields.shouldTry()
        #expect(next)
    }
}
