import CEL

// To which end each affected jurisdiction comes, and why.
extension Examination {
    func cover(
        _ code: String, _ library: RegimeLibrary, _ inForce: Set<String>, _ examiner: Examiner
    ) -> Coverage {
        let found = findings.filter { finding in
            finding.obligation.covers.contains(code)
                && (finding.obligation.subject != .jurisdiction || finding.subject.contains(code))
        }
        let open = found.filter(\.verdict.isOpen)
        if !open.isEmpty {
            let isGeneric = open.contains(where: \.obligation.needsCounsel)
            let reached = library.regimes.filter { inForce.contains($0.id) }.flatMap(\.thresholds)
                .filter { $0.covers.contains(code) }.compactMap { $0.words(examiner.affected(in: $0.covers).people) }
            return Coverage(
                jurisdiction: code, end: .applies,
                reason: ([isGeneric ? open.generic(code) : open.duties] + reached).joined(separator: " "),
                needsCounsel: isGeneric)
        }
        if found.contains(where: { $0.verdict == .draft }) {
            return Coverage(
                jurisdiction: code, end: .draft,
                reason: "Only rules that are drafts here cover \(code); counsel has to say what is owed there.",
                needsCounsel: true)
        }
        // What would apply and is not in force yet says nothing about the law of today.
        let isDormant = found.contains { $0.verdict == .inactive }
        if !isDormant, !found.isEmpty {
            return Coverage(jurisdiction: code, end: .doesNotApply, reason: found.refusals, needsCounsel: false)
        }
        return Coverage(
            jurisdiction: code, end: .notCovered, reason: gap(code, library, inForce, isDormant: isDormant),
            needsCounsel: true)
    }

    /// Why nothing here says what is owed in a jurisdiction.
    private func gap(_ code: String, _ library: RegimeLibrary, _ inForce: Set<String>, isDormant: Bool) -> String {
        if isDormant { return "Only rules that are not in force cover \(code); counsel has to say what is owed there." }
        let off = library.regimes.filter { regime in
            !inForce.contains(regime.id) && regime.obligations.contains { $0.covers.contains(code) }
        }
        guard off.isEmpty else {
            let names = off.map(\.id).joined(separator: ", ")
            return "\(code) is covered by \(names), which the tenant has not switched on."
        }
        return "No regime of the library covers \(code); counsel has to say what is owed there."
    }
}

extension [Examination.Finding] {
    /// Under which regimes something is owed.
    fileprivate var duties: String {
        let (sure, all) = (filter { $0.verdict == .applies }, map(\.regime).uniqued())
        let names = (sure.isEmpty ? all : sure.map(\.regime).uniqued()).joined(separator: ", ")
        return sure.isEmpty ? "Provisionally, until facts are known, duties under \(names)." : "Duties under \(names)."
    }

    /// What is said where a general rule stands in for the jurisdiction's own.
    fileprivate func generic(_ code: String) -> String {
        let general = first(where: \.obligation.needsCounsel)?.regime ?? ""
        return "Only the general rule of \(general) is known; the law of \(code) has to be looked up."
    }

    /// Why nothing is owed, regime by regime.
    fileprivate var refusals: String {
        map { "\($0.regime): \($0.reasons.joined(separator: " "))" }.uniqued().joined(separator: " ")
    }
}

extension Regime.Threshold {
    /// What a number of people says of the threshold; nil where it is surely not reached.
    fileprivate func words(_ people: (low: Int64, high: Int64?)) -> String? {
        guard let high = people.high else { return "From \(from) people on: \(title) How many there are is not known." }
        guard high >= from else { return nil }
        return people.low >= from
            ? "From \(from) people on: \(title)"
            : "From \(from) people on: \(title) There are \(people.low) to \(high); the upper end counts."
    }
}
