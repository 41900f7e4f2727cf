import Deadlines
import Testing

@Suite("Worked examples of the law")
struct ExampleTests {
    @Test("Every example comes out to the second")
    func examples() throws {
        guard let shared = Place.shared, let text = Place.text(shared + "/deadlines/examples.csv") else {
            print("Skipped: no worked examples; point REEVE_SHARED at the folder with deadlines/examples.csv.")
            return
        }
        let almanac = try shippedAlmanac()
        let examples = rows(ofCSV: text)
        #expect(examples.count > 30)
        for example in examples {
            guard let rule = example["rule"], let fact = example["fact"], let zone = example["zone"] else { continue }
            var facts = [fact: [try Instant(example["trigger"] ?? "")]]
            for pair in (example["facts"] ?? "").split(separator: ";") {
                let halves = pair.split(separator: "=").map(String.init)
                facts[halves[0]] = [try Instant(halves[1])]
            }
            let deadline = try almanac.deadline(rule: rule, facts: facts, zone: zone, calendar: example["calendar"])
            let place = deadline.request.zone
            let what = "\(rule) \(example["trigger"] ?? "") \(example["what it shows"] ?? "")"
            #expect(deadline.due?.rfc3339(in: place) == example["due"], "due of \(what)")
            #expect(deadline.latest?.rfc3339(in: place) == example["latest"], "latest of \(what)")
            #expect(deadline.trace.count > 3)
        }
    }
}
