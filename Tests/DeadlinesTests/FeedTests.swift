import Deadlines
import Foundation
import JSON
import Testing

@Suite("The iCalendar feed")
struct FeedTests {
    private let entries: [CalendarFeed.Entry]

    init() throws {
        let due = try Instant("2026-07-01T00:00:00+02:00")
        var first = CalendarFeed.Entry(
            uid: CalendarFeed.uid(["tenant", "INC-2026-0042", "notify", "1"]), sequence: 3,
            changed: try Instant("2026-06-28T10:00:00.5Z"), due: due,
            summary: "Notify; a breach, by 30 June, 24:00 (Berlin) \\ 🕛")
        first.description = "Größe: \(String(repeating: "Prüfung 👩‍👩‍👧 ", count: 20))\nzweite Zeile\r\ndritte"
        first.link = "https://reeve.example/instances/INC-2026-0042"
        first.categories = ["eu.gdpr", "a, b; c"]
        first.reminders = [.seconds(86_400), .seconds(5400), .seconds(61)]
        var second = CalendarFeed.Entry(
            uid: CalendarFeed.uid(["tenant", "INC-2026-0042", "notify", "2"]), sequence: 1,
            changed: try Instant("2026-06-28T10:00:00Z"), due: due - .seconds(86_400), summary: "Withdrawn")
        second.status = .cancelled
        second.reminders = [.seconds(3600)]
        entries = [first, second]
    }

    @Test("Lines are at most 75 octets long, end with CR and LF, and fold between characters")
    func lines() throws {
        let text = CalendarFeed(name: "Deadlines", entries: entries).text
        #expect(text.utf8.suffix(15).elementsEqual("END:VCALENDAR\r\n".utf8))
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"))
        for line in lines {
            #expect(line.last == UInt8(ascii: "\r"))
            #expect(line.count <= 76)
            #expect(String(validating: line, as: UTF8.self) != nil)
        }
    }

    @Test("An entry ends at its due instant, so that the end of a day is shown on that day")
    func dueAtMidnight() {
        let text = CalendarFeed(name: "Deadlines", entries: entries).text
        #expect(text.contains("DTSTART:20260630T213000Z\r\nDTEND:20260630T220000Z\r\n"))
    }

    @Test("What people wrote cannot add lines of its own")
    func injection() throws {
        var entry = entries[0]
        entry.summary = "x\r\nEND:VEVENT\u{7}"
        entry.link = "https://reeve.example/\r\nATTENDEE:mailto:x@example.com"
        let lines = CalendarFeed(name: "A\nB", entries: [entry]).text.split(separator: "\r\n")
        #expect(lines.filter { $0 == "END:VEVENT" }.count == 1)
        #expect(!lines.contains { $0.hasPrefix("ATTENDEE") })
        #expect(lines.contains("NAME:A\\nB"))
    }

    @Test("Identifiers stay the same, and differ where their parts do")
    func identifiers() {
        #expect(CalendarFeed.uid(["a", "bc"]) == CalendarFeed.uid(["a", "bc"]))
        #expect(CalendarFeed.uid(["a", "bc"]) != CalendarFeed.uid(["ab", "c"]))
        #expect(CalendarFeed.uid(["a"]) == "4162fddd39a3e4225e8e2392eced237f@reeve")
    }

    @Test("The Python package icalendar reads what was written")
    func oracle() throws {
        let python = Place.root + "/.venv/bin/python"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            print("Skipped: feed.py needs Python; `make test` installs it into .venv.")
            return
        }
        let file = FileManager.default.temporaryDirectory.appending(path: "feed-\(UUID().uuidString).ics")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(CalendarFeed(name: "Fristen – alle", entries: entries).text.utf8).write(to: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [Place.root + "/Tests/Oracles/feed.py", file.path()]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "feed.py failed; see its message above")
        let rows = try bytes.split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: Array($0)) }
        try #require(rows.count == 3)
        #expect(rows[0]["name"] == "Fristen – alle")
        #expect(rows.allSatisfy { $0["errors"]?.arrayValue?.isEmpty == true })
        for (row, entry) in zip(rows.dropFirst(), entries) {
            #expect(row["uid"]?.stringValue == entry.uid)
            #expect(row["sequence"]?.intValue == Int64(entry.sequence))
            #expect(row["status"]?.stringValue == entry.status.rawValue)
            #expect(row["end"]?.intValue == entry.due.seconds)
            #expect(row["start"]?.intValue == entry.due.seconds - 1800)
            #expect(row["changed"]?.intValue == entry.changed.seconds)
            #expect(row["summary"]?.stringValue == entry.summary)
            #expect(row["description"]?.stringValue == entry.description.replacing("\r\n", with: "\n"))
            #expect(row["url"]?.stringValue == entry.link ?? "")
            #expect(row["categories"]?.arrayValue?.compactMap(\.stringValue) == entry.categories)
            let reminders = entry.status == .cancelled ? [] : entry.reminders.map(\.components.seconds)
            #expect(row["reminders"]?.arrayValue?.compactMap(\.intValue) == reminders)
        }
    }
}
