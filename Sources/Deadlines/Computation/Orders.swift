// Suspensions and delay orders: only those that the rule itself knows move its figures.

extension Computation {
    /// An order with what the rule says of it.
    struct ResolvedOrder {
        var order: Order
        var suspension: Suspension
        /// Its end, no later than the law lets it last; the latest instant while nobody knows it.
        var end: Instant
        /// Whether neither the order nor the law says when it ends.
        var isOpen: Bool { order.until == nil && end == .latest }
    }

    /// The orders in the order of their beginning, each matched with the rule's suspension.
    ///
    /// Throws `unknownName`.
    func resolvedOrders() throws(DeadlineError) -> [ResolvedOrder] {
        var counts: [String: Int] = [:]
        var resolved: [ResolvedOrder] = []
        for order in request.orders.sorted(by: { $0.from < $1.from }) {
            guard let suspension = rule.suspension(named: order.suspension) else {
                throw .unknownName(
                    order.suspension, kind: "suspension or delay order", rule: rule.id,
                    known: rule.suspensions.map { "\($0.name) (\($0.effect.rawValue))" })
            }
            let number = counts[suspension.name, default: 0]
            counts[suspension.name] = number + 1
            var end = order.until ?? .latest
            if !suspension.limits.isEmpty {
                let limit = suspension.limits[min(number, suspension.limits.count - 1)]
                end = min(end, try zone.adding(limit, to: order.from))
            }
            if order.isOral, let limit = suspension.oralLimit { end = min(end, try zone.adding(limit, to: order.from)) }
            resolved.append(ResolvedOrder(order: order, suspension: suspension, end: end))
        }
        return resolved
    }

    /// The figures as orders move them.
    ///
    /// An order that begins after a figure has expired no longer moves it.
    func figures(from event: Instant, under orders: [ResolvedOrder]) throws(DeadlineError) -> Figures {
        let shifts = try self.shifts(from: event, under: orders)
        var figures = try self.figures(from: event, shifts: shifts)
        for resolved in orders where resolved.suspension.effect == .postpone {
            let (from, end) = (resolved.order.from, resolved.end)
            let before = figures
            if from < figures.due { figures.due = max(figures.due, end) }
            if let latest = figures.latest, from < latest { figures.latest = max(latest, end) }
            let moves = before.due != figures.due || before.latest != figures.latest
            trace?.note(
                "Delay: \(resolved.words(in: zone))", source: resolved.suspension.article,
                result: moves
                    ? "What would end earlier ends with the order, \(end.words(in: zone))." : "It moves nothing.")
        }
        return figures
    }

    /// What tolling adds, found by computing anew after each order.
    private func shifts(from event: Instant, under orders: [ResolvedOrder]) throws(DeadlineError) -> Shifts {
        var shifts = Shifts()
        let quiet = Computation(request, trace: nil)
        for resolved in orders where resolved.suspension.effect != .postpone {
            let figures = try quiet.figures(from: event, shifts: shifts)
            let from = resolved.order.from
            let days = zone.date(resolved.end) - zone.date(from)
            let elapsed = max(0, (resolved.end - from).wholeMicroseconds)
            let movesDue = resolved.suspension.effect == .toll && from < figures.due
            let movesLatest = figures.latest.map { from < $0 } ?? false
            if movesDue {
                shifts.due.days += days
                shifts.due.microseconds += elapsed
            }
            if movesLatest {
                shifts.latest.days += days
                shifts.latest.microseconds += elapsed
            }
            let target = movesDue ? "both figures" : "the second figure alone"
            let disputed = resolved.suspension.isDisputed ? " Disputed." : ""
            trace?.note(
                "Suspension: \(resolved.words(in: zone))", source: resolved.suspension.article,
                result: movesDue || movesLatest
                    ? "\(counted(days, "day")) are added to \(target).\(disputed)"
                    : "It began after the period had expired and moves nothing.",
                isDisputed: resolved.suspension.isDisputed)
        }
        return shifts
    }

    /// While an order's end is not known: the figure without it is the instant to look again.
    func waiting(forEndOf open: ResolvedOrder, among orders: [ResolvedOrder]) throws(DeadlineError) -> Deadline.State {
        var known = request
        known.orders = orders.filter { !$0.isOpen }.map(\.order)
        let quiet = Computation(known, trace: nil)
        guard case .due(let watch, _) = try quiet.state() else { return .waiting(for: [], watch: nil) }
        trace?.note(
            "\(open.suspension.name) since \(open.order.from.wordsOfBeginning(in: zone))",
            source: open.suspension.article,
            result: "Its end is not known yet. Without it the period would expire at \(watch.words(in: zone)).")
        return .waiting(for: ["end of \(open.suspension.name)"], watch: watch)
    }

    /// Orders whose end is not known and that move the second figure alone: until they end, nothing rests on them.
    func noteOpen(_ orders: [ResolvedOrder]) {
        for open in orders where open.isOpen {
            trace?.note(
                "\(open.suspension.name) since \(open.order.from.wordsOfBeginning(in: zone))",
                source: open.suspension.article,
                result: "Its end is not known yet. It can move the second figure alone, and does so once it has ended.",
                isDisputed: open.suspension.isDisputed)
        }
    }
}

extension Computation.ResolvedOrder {
    fileprivate func words(in zone: Zone) -> String {
        let kind = order.isOral ? "\(suspension.name), oral," : suspension.name
        return
            "\(kind) by \(suspension.issuer), from \(order.from.wordsOfBeginning(in: zone)) to \(end.words(in: zone))"
    }
}

extension Rule {
    /// The suspension of that name, or the only one with that effect.
    func suspension(named name: String) -> Suspension? {
        if let exact = suspensions.first(where: { $0.name == name }) { return exact }
        let effect = name.replacing(" ", with: "-")
        let matching = suspensions.filter { $0.effect.rawValue == effect }
        return matching.count == 1 ? matching[0] : nil
    }
}
