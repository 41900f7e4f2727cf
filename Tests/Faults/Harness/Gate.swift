import Foundation
import Synchronization
import Testing

/// Stands between Reeve and PostgreSQL, and can cut connections exactly at the COMMIT of a batch.
///
/// It understands as much of the protocol as it takes to know that COMMIT: the end of a transaction that has written to
/// the journal.
final class Gate: Sendable {
    /// What is done to a connection, and when.
    enum Blow: Sendable {
        /// COMMIT never reaches PostgreSQL; the connection is closed.
        case closeBefore
        /// PostgreSQL has committed, and the connection is closed before it can say so.
        case closeAfter
        /// COMMIT never reaches PostgreSQL, and the connection stays open until Reeve's side ends.
        case holdBefore
        /// PostgreSQL has committed, and its answer is held back until Reeve's side ends.
        case holdAfter

        fileprivate var isAfter: Bool { self == .closeAfter || self == .holdAfter }
        fileprivate var holds: Bool { self == .holdBefore || self == .holdAfter }
    }

    private struct State {
        var blows: [Blow] = []
        var interval = 1
        var commits = 0
        var dealt = 0
        var isOpen = true
    }

    /// The directory of its socket: what `host` is in a connection string.
    let folder: String
    private let target: String
    private let listener: Int32
    private let state = Mutex(State())

    /// Opens a gate before the server whose socket lies in a directory.
    init(in folder: String, before server: String) throws {
        self.folder = folder
        target = server + "/.s.PGSQL.5432"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        listener = try LocalSocket.listen(at: folder + "/.s.PGSQL.5432")
        Thread { [listener, weak self] in
            while let client = LocalSocket.accept(listener) { self?.admit(client) }
        }.start()
    }

    deinit { close() }

    /// Lets nobody in any more.
    func close() {
        let wasOpen = state.withLock { state in
            defer { state.isOpen = false }
            return state.isOpen
        }
        if wasOpen { LocalSocket.end(listener) }
    }

    /// Deals blows to coming COMMITs of batches, one to every so manieth.
    func deal(_ blows: [Blow], every interval: Int = 1) {
        state.withLock { state in
            state.blows += blows
            state.interval = interval
        }
    }

    /// Deals none of the blows that are left.
    func desist() { state.withLock { $0.blows = [] } }

    /// How many were dealt.
    var dealt: Int { state.withLock { $0.dealt } }

    /// Waits until so many blows have been dealt.
    func hasDealt(_ count: Int, atMost limit: Duration = .seconds(30)) async throws {
        let end = ContinuousClock.now + limit
        while dealt < count {
            try #require(ContinuousClock.now < end, "no batch came to its COMMIT")
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    private func admit(_ client: Int32) {
        guard let server = try? LocalSocket.connect(to: target) else { return LocalSocket.end(client) }
        let passage = Passage(client: client, server: server, blow: { self.nextBlow() }, dealt: { self.count() })
        Thread { passage.forward() }.start()
        Thread { passage.answer() }.start()
    }

    private func nextBlow() -> Blow? {
        state.withLock { state in
            state.commits += 1
            guard !state.blows.isEmpty, state.commits.isMultiple(of: state.interval) else { return nil }
            return state.blows.removeFirst()
        }
    }

    private func count() { state.withLock { $0.dealt += 1 } }
}

/// One connection through a gate.
private final class Passage: Sendable {
    private let client: Int32
    private let server: Int32
    private let blow: @Sendable () -> Gate.Blow?
    private let dealt: @Sendable () -> Void
    /// What is being done to this connection.
    private let present = Mutex<Gate.Blow?>(nil)
    private let ends = Atomic<Int>(0)

    init(
        client: Int32, server: Int32, blow: @escaping @Sendable () -> Gate.Blow?, dealt: @escaping @Sendable () -> Void
    ) {
        (self.client, self.server, self.blow, self.dealt) = (client, server, blow, dealt)
    }

    /// Passes on what Reeve says.
    func forward() {
        var messages = Messages(hasStart: true)
        var statements: [String: String] = [:]
        var writesJournal = false
        reading: while let bytes = LocalSocket.read(client) {
            messages.add(bytes)
            while let message = messages.next() {
                var isCommit = false
                if message.type == UInt8(ascii: "P") {
                    let words = message.words(2)
                    statements[words[0]] = words[1]
                } else if message.type == UInt8(ascii: "B") {
                    let sql = statements[message.words(2)[1]] ?? ""
                    if sql.hasPrefix("INSERT INTO reeve.journal (") { writesJournal = true }
                    isCommit = sql == "COMMIT"
                }
                if isCommit, writesJournal, let blow = blow() {
                    present.withLock { $0 = blow }
                    guard blow.isAfter else {
                        dealt()
                        if blow.holds { while LocalSocket.read(client) != nil {} }
                        break reading
                    }
                }
                if isCommit { writesJournal = false }
                guard LocalSocket.write(message.bytes, to: server) else { break reading }
            }
        }
        leave()
    }

    /// Passes on what PostgreSQL says.
    func answer() {
        var messages = Messages(hasStart: false)
        reading: while let bytes = LocalSocket.read(server) {
            guard present.withLock({ $0 }) != nil else {
                messages.add(bytes)
                while messages.next() != nil {}
                guard LocalSocket.write(bytes, to: client) else { break }
                continue
            }
            messages.add(bytes)
            while let message = messages.next() {
                guard message.type == UInt8(ascii: "C"), message.words(1) == ["COMMIT"] else { continue }
                dealt()
                if present.withLock({ $0?.holds }) == true { while LocalSocket.read(server) != nil {} }
                break reading
            }
        }
        leave()
    }

    /// The other direction ends too; the last to leave closes.
    private func leave() {
        shutdown(client, Int32(SHUT_RDWR))
        shutdown(server, Int32(SHUT_RDWR))
        if ends.add(1, ordering: .acquiringAndReleasing).newValue == 2 {
            Glibc.close(client)
            Glibc.close(server)
        }
    }
}

/// Cuts a stream of the protocol into its messages.
private struct Messages {
    struct Message {
        /// 0 for the first, which has no type.
        var type: UInt8
        var bytes: [UInt8]

        /// The texts that it begins with, each ended by a zero.
        func words(_ count: Int) -> [String] {
            bytes.dropFirst(5).split(separator: 0, maxSplits: count, omittingEmptySubsequences: false).prefix(count)
                .map { String(decoding: $0, as: UTF8.self) }
        }
    }

    private var hasStart: Bool
    private var rest: [UInt8] = []
    private var first = 0

    init(hasStart: Bool) { self.hasStart = hasStart }

    mutating func add(_ bytes: [UInt8]) {
        rest.removeFirst(first)
        first = 0
        rest += bytes
    }

    mutating func next() -> Message? {
        let head = hasStart ? 0 : 1
        guard rest.count - first >= head + 4 else { return nil }
        let length = rest[(first + head)..<(first + head + 4)].reduce(0) { $0 << 8 | Int($1) } + head
        guard rest.count - first >= length else { return nil }
        let message = Message(type: hasStart ? 0 : rest[first], bytes: Array(rest[first..<(first + length)]))
        hasStart = false
        first += length
        return message
    }
}
