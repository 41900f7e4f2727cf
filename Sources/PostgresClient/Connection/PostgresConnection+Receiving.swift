import CLibPQ

extension PostgresConnection: SocketOwner {
    nonisolated func socketIsReady(readable: Bool, writable: Bool) {
        assumeIsolated { $0.advance(readable: readable, writable: writable) }
    }

    nonisolated func deadlineHasPassed() {
        assumeIsolated { $0.interruptLate() }
    }

    func advance(readable: Bool, writable: Bool) {
        guard let link else { return }
        if readable, PQconsumeInput(link.raw) == 0 {
            let reason = link.message
            collect(link)
            return lose(reason)
        }
        if writable || preference.thread.watch.wantsToWrite { flush(link) }
        guard self.link != nil else { return }
        collect(link)
        deliverNotifications(link)
        if PQstatus(link.raw) != CONNECTION_OK { lose(link.message) }
    }

    /// Takes the answers that have arrived in full.
    private func collect(_ link: ServerLink) {
        var emptyHanded = 0
        while let exchange = current, !exchange.isAnswered, PQisBusy(link.raw) == 0 {
            if let result = PQgetResult(link.raw) {
                emptyHanded = 0
                if PQresultStatus(result) == PGRES_PIPELINE_SYNC {
                    PQclear(result)
                    hasResult = false
                    endStep(of: exchange, over: link)
                } else {
                    hasResult = true
                    take(ResultHandle(result), for: exchange, over: link)
                }
            } else if hasResult {
                hasResult = false
                // Of a unit that failed in its very end libpq tells that first, and then its end.
                if case .sync? = exchange.step { continue }
                endStep(of: exchange, over: link)
            } else {
                emptyHanded += 1
                if emptyHanded > 1 { return lose("the server's answers are out of step") }
            }
        }
        if current == nil { _ = PQisBusy(link.raw) }  // Parses notices and notifications.
    }

    private func endStep(of exchange: Exchange, over link: ServerLink) {
        if case .script? = exchange.step, PQenterPipelineMode(link.raw) == 0 { return lose(link.message) }
        if case .sync? = exchange.step { exchange.confirmed = exchange.lastStatement.map { $0 + 1 } ?? 0 }
        exchange.position += 1
        if exchange.step == nil { finish(exchange) }
    }

    private func take(_ result: ResultHandle, for exchange: Exchange, over link: ServerLink) {
        switch PQresultStatus(result.raw) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            succeed(PostgresRows(result: result, notices: link.takeNotices()), in: exchange)
        case PGRES_PIPELINE_ABORTED:
            break
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            exchange.loss = .misuse("COPY is not supported; the connection was closed")
            lose("COPY is not supported")
        default:
            _ = link.takeNotices()
            fail(ServerMessage(result.raw), in: exchange)
        }
    }

    private func succeed(_ rows: PostgresRows, in exchange: Exchange) {
        switch exchange.step {
        case .prepare(_, let key, let name): remember(key, name: name)
        case .execute(let index, _): exchange.answers[index] = rows
        case .script: exchange.scriptRows.append(rows)
        case .deallocate, .sync, nil: break
        }
    }

    private func fail(_ message: ServerMessage, in exchange: Exchange) {
        // Without a code it is libpq that speaks, and only of a broken connection.
        guard !message.state.rawValue.isEmpty else { return }
        switch exchange.step {
        case .prepare(let index, _, _):
            exchange.failures[index] = exchange.error(message, statement: index)
        case .execute(let index, let name):
            exchange.failures[index] = exchange.error(message, statement: index)
            if message.isStaleStatement, cache.remove(named: name) { superfluous.append(name) }
        case .script:
            exchange.scriptError = exchange.error(message, statement: exchange.scriptRows.count)
        case .sync:
            // What was deferred to the end of the unit failed there, and undid it.
            guard let index = exchange.lastStatement else { break }
            exchange.failures[index] = exchange.error(message, statement: index)
        case .deallocate, nil: break
        }
    }

    private func remember(_ key: StatementKey, name: String) {
        if cache.name(of: key) != nil {
            superfluous.append(name)
        } else {
            cache.insert(key, name: name)
            superfluous += cache.evict()
        }
    }

    private func finish(_ exchange: Exchange) {
        exchange.isAnswered = true
        guard !exchange.isCancelling else { return }
        current = nil
        preference.thread.watch.deadline = nil
        exchange.waiter?.resume()
        exchange.waiter = nil
    }
}

// MARK: - Interruption and loss

extension PostgresConnection {
    /// Asks the server to cancel an exchange, if it still runs.
    func interrupt(_ id: UInt64, _ interruption: Exchange.Interruption) {
        guard let exchange = current, exchange.id == id, exchange.interruption == nil, !exchange.isAnswered,
            let link
        else { return }
        exchange.interruption = interruption
        exchange.isCancelling = true
        preference.thread.watch.deadline = .now + configuration.cancellationGrace
        link.canceller.send { Task { await self.hasCancelled(id) } }
    }

    /// The request has reached the server, so it can hit no later statement any more.
    private func hasCancelled(_ id: UInt64) {
        guard let exchange = current, exchange.id == id else { return }
        exchange.isCancelling = false
        if exchange.isAnswered { finish(exchange) }
    }

    private func interruptLate() {
        preference.thread.watch.deadline = nil
        guard let exchange = current else { return }
        if exchange.interruption == nil {
            interrupt(exchange.id, .timedOut)
        } else {
            lose("the server did not react to the request to cancel")
        }
    }

    /// Gives the connection up; whoever waits is told.
    func lose(_ reason: String) {
        guard link != nil else { return }
        let message = reason.isEmpty ? "the connection broke" : reason
        loss = ConnectionLoss(sent: false, reason: message)
        disconnect()
        guard let exchange = current else { return }
        if exchange.loss == nil {
            exchange.loss = .connectionLost(ConnectionLoss(sent: exchange.isSent, reason: message))
        }
        exchange.isCancelling = false
        finish(exchange)
    }

    func disconnect() {
        preference.thread.watch = SocketThread.Watch()
        link = nil
        subscriptions.finish()
        onLoss?()
        onLoss = nil
    }
}
