extension DefinitionDecoder {
    func task(_ entry: NamedElement) -> Definition.Task? {
        let keys = ["title", "from", "who", "each", "key", "result", "due"]
        guard let record = Record(entry.value, "a task", keys: keys, log: log) else { return nil }
        let people = people(record, entry, "a task")
        bothOrNeither("each", "key", in: record)
        return Definition.Task(
            name: entry.name, title: title(record, entry), from: people.from, who: people.who,
            each: record["each"].flatMap(formula), key: record["key"].flatMap(formula),
            result: record["result"].map(resultFields) ?? [], due: record["due"].flatMap(due),
            position: entry.key.position)
    }

    func approval(_ entry: NamedElement) -> Definition.Approval? {
        let keys = ["title", "from", "who", "each", "key", "quorum", "refusals", "covers", "due"]
        guard let record = Record(entry.value, "an approval", keys: keys, log: log) else { return nil }
        let people = people(record, entry, "an approval")
        bothOrNeither("each", "key", in: record)
        return Definition.Approval(
            name: entry.name, title: title(record, entry), from: people.from, who: people.who,
            each: record["each"].flatMap(formula), key: record["key"].flatMap(formula),
            quorum: record["quorum"].flatMap { integer($0, 1...1000) } ?? 1,
            refusals: record["refusals"].flatMap { integer($0, 1...1000) } ?? 1,
            covers: record["covers"].map { names($0, "the name of a field") } ?? [],
            due: record["due"].flatMap(due), position: entry.key.position)
    }

    private func title(_ record: Record, _ entry: NamedElement) -> Template {
        record["title"].flatMap(template) ?? template(titled: entry.name, at: entry.key.position)
    }

    private func people(_ record: Record, _ entry: NamedElement, _ kind: String) -> (from: [String], who: Formula?) {
        if record["from"] == nil, record["who"] == nil {
            log.report(
                .missingKey, at: entry.key.position, length: entry.key.length, "nobody is asked",
                expected: "`from` with roles, or `who` with an expression")
        }
        if let who = record["who"], record["from"] != nil {
            log.report(.conflictingKeys, at: who.position, "\(kind) has `from` or `who`, not both")
        }
        return (record["from"].map { names($0, "the name of a role") } ?? [], record["who"].flatMap(formula))
    }

    func child(_ entry: NamedElement) -> Definition.Child? {
        let keys = ["workflow", "start", "stop", "each", "key", "with", "follow", "drop", "keep"]
        guard let record = Record(entry.value, "a child", keys: keys, log: log) else { return nil }
        for key in ["workflow", "start"] where record[key] == nil {
            missing(key, in: record, key == "start" ? "from when it is wanted" : "the name of a workflow")
        }
        bothOrNeither("each", "key", in: record)
        if let keep = record["keep"], record["drop"] == nil {
            log.report(
                .missingKey, at: keep.position, length: keep.length,
                "`keep` takes back what `drop` told, and `drop` is missing")
        }
        guard let workflow = record["workflow"].flatMap({ word($0, "the name of a workflow") }),
            let start = record["start"].flatMap(condition)
        else { return nil }
        var child = Definition.Child(name: entry.name, workflow: workflow, start: start, position: entry.key.position)
        child.stop = record["stop"].flatMap(condition)
        child.each = record["each"].flatMap(formula)
        child.key = record["key"].flatMap(formula)
        child.with = assignments(record["with"], "fields and roles of the child")
        child.follow = assignments(record["follow"], "fields of the child")
        child.drop = record["drop"].flatMap { word($0, "the name of an event") }
        child.keep = record["keep"].flatMap { word($0, "the name of an event") }
        return child
    }
}
