import CLibPQ
import Glibc

extension PostgresConnection {
    /// Waits for its turn, sends what `build` sends, and waits for the answers.
    func perform(
        statements: Int, patience: Patience,
        build: (ServerLink, Exchange) throws(PostgresError) -> Void
    ) async throws(PostgresError) -> Exchange {
        if patience.isCancellable, Task.isCancelled { throw .cancelled }
        if !turns.takeAtOnce() { try await waitForTurn(cancellable: patience.isCancellable) }
        defer { turns.pass() }
        let exchange = try start(statements: statements, patience: patience, build)
        // A server that shares our processors has often answered when `send` returns.
        if current === exchange { advance(readable: true, writable: false) }
        if current === exchange, yields.shouldTry() { giveWay(to: exchange) }
        if current === exchange { await answers(to: exchange, cancellable: patience.isCancellable) }
        return exchange
    }

    /// Lets others have the processor for a moment: where the server waits for it, the answer is then there, and
    /// nobody has to sleep and be woken.
    private func giveWay(to exchange: Exchange) {
        sched_yield()
        advance(readable: true, writable: false)
        yields.note(helped: current !== exchange)
    }

    private func start(
        statements: Int, patience: Patience, _ build: (ServerLink, Exchange) throws(PostgresError) -> Void
    ) throws(PostgresError) -> Exchange {
        guard let link else { throw isClosedByUs ? .closed : .connectionLost(loss) }
        let exchange = newExchange(statements: statements)
        do throws(PostgresError) {
            dropSuperfluous(over: link, in: exchange)
            try build(link, exchange)
        } catch {
            // What was queued cannot be taken back; without its end the connection is of no use.
            if self.link != nil, exchange.isSent { lose("sending failed: \(error)") }
            throw error
        }
        current = exchange
        preference.thread.watch.deadline = patience.deadline(standard: configuration.statementTimeout)
        flush(link)
        return exchange
    }

    private func newExchange(statements: Int) -> Exchange {
        exchanges += 1
        guard statements == 1, let exchange = spare else { return Exchange(id: exchanges, statements: statements) }
        spare = nil
        exchange.id = exchanges
        return exchange
    }

    private func answers(to exchange: Exchange, cancellable: Bool) async {
        guard cancellable else { return await answers(to: exchange) }
        let id = exchange.id
        await withTaskCancellationHandler {
            await answers(to: exchange)
        } onCancel: {
            Task { await self.interrupt(id, .cancelled) }
        }
    }

    private func answers(to exchange: Exchange) async {
        preference.thread.waitOnTheSpot()
        guard current === exchange else { return }
        await withCheckedContinuation { exchange.waiter = $0 }
    }

    /// Sends what libpq has queued; what the socket does not take now goes when it can be written again.
    func flush(_ link: ServerLink) {
        let status = PQflush(link.raw)
        preference.thread.watch.wantsToWrite = status == 1
        if status < 0 { lose(link.message) }
    }

    func sendingFailed(_ link: ServerLink, _ exchange: Exchange) -> PostgresError {
        let reason = link.message
        guard PQstatus(link.raw) == CONNECTION_OK else {
            let sent = exchange.isSent
            lose(reason)
            return .connectionLost(ConnectionLoss(sent: sent, reason: reason))
        }
        return .misuse("libpq refused to send: \(reason)")
    }
}

// MARK: - Statements

extension PostgresConnection {
    /// Queues one statement, and before it its preparation if it was never prepared.
    func send(
        _ query: PostgresQuery, at index: Int, over link: ServerLink, in exchange: Exchange,
        fresh: inout [StatementKey: String]
    ) throws(PostgresError) {
        let key = StatementKey(sql: query.sql, types: query.parameters.types)
        let name: String
        if let known = cache.name(of: key) ?? fresh[key] {
            name = known
        } else {
            name = cache.freshName()
            let types = key.types.map(\.rawValue)
            guard PQsendPrepare(link.raw, name, key.sql, Int32(types.count), types) == 1 else {
                throw sendingFailed(link, exchange)
            }
            fresh[key] = name
            exchange.isSent = true
            exchange.steps.append(.prepare(index, key, name: name))
        }
        guard query.parameters.send(to: name, over: link) else { throw sendingFailed(link, exchange) }
        exchange.isSent = true
        exchange.steps.append(.execute(index, name: name))
    }

    func sync(_ link: ServerLink, _ exchange: Exchange) throws(PostgresError) {
        guard PQpipelineSync(link.raw) == 1 else { throw sendingFailed(link, exchange) }
        exchange.steps.append(.sync)
    }

    /// Drops prepared statements that fell out of the cache, in a unit of its own so that it can harm no other.
    private func dropSuperfluous(over link: ServerLink, in exchange: Exchange) {
        guard !superfluous.isEmpty, isIdle, PQpipelineStatus(link.raw) != PQ_PIPELINE_OFF else { return }
        for name in superfluous {
            guard PQsendQueryParams(link.raw, "DEALLOCATE \(name)", 0, nil, nil, nil, nil, 1) == 1 else { return }
            exchange.steps.append(.deallocate)
        }
        if PQpipelineSync(link.raw) == 1 { exchange.steps.append(.sync) }
        superfluous = []
    }
}

extension Parameters {
    /// Queues the execution of a prepared statement with these parameters, all in binary, as are its results.
    func send(to name: String, over link: ServerLink) -> Bool {
        guard !spans.isEmpty else {
            return PQsendQueryPrepared(link.raw, name, 0, nil, nil, nil, 1) == 1
        }
        return writer.bytes.withUnsafeBytes { bytes in
            // A pointer to no bytes must not be nil, which would be NULL.
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1) { nothing in
                let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) ?? UnsafePointer(nothing.baseAddress)
                let values = spans.map { span in span.length < 0 ? nil : base.map { $0 + span.offset } }
                let lengths = spans.map { Int32(max(0, $0.length)) }
                let formats = [Int32](repeating: 1, count: spans.count)
                return PQsendQueryPrepared(link.raw, name, Int32(spans.count), values, lengths, formats, 1) == 1
            }
        }
    }
}
