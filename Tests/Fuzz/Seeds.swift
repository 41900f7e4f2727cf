import Deadlines
import Glibc

/// First inputs.
enum Seeds {
    /// Writes the seeds of every target to files, a folder for each.
    static func write(to folder: String) {
        mkdir(folder, 0o755)
        for target in Target.all {
            let place = "\(folder)/\(target.name)"
            mkdir(place, 0o755)
            for (index, seed) in target.seeds.enumerated() {
                guard let file = fopen("\(place)/seed-\(index)", "w") else { continue }
                fputs(seed, file)
                fclose(file)
            }
        }
    }

    /// Every construct of the language, every macro and most functions.
    static let expressions = [
        "1 + 2 * 3 - -4 % 5 / 6", "!(flag && !flag || a == b)", "a < b ? text : 'x' + text", "[1, 2u, 3.5, null][0]",
        "{'k': 1, 2: true}['k']", "has(data.text) && data.items[0].id == 'x'", "list.all(x, x > 0)",
        "list.exists_one(x, x == 2)", "list.map(x, x > 1, x * 2)", "list.filter(x, x != 2).size()",
        "map.exists(k, v, k == 'k' && v == 1)", "list.transformList(i, x, i + x)", "map.transformMap(k, v, v + 1)",
        "{'a': 1}.transformMapEntry(k, v, {v: k})", "when + span < timestamp('2026-11-24T00:00:00Z')",
        "when.getHours('Europe/Berlin') + when.getDayOfWeek('+02:00')", "duration('1h30m').getMinutes()",
        "text.matches('^[a-z]+(\\\\d|x)*$')", "text.indexOf('ü', 1) + text.lastIndexOf('e')",
        "text.substring(1, 3).upperAscii().reverse().trim()", "text.split(' ', 2).join('-')",
        "'%s %d %.2f %x %b %e %o'.format([text, a, x, raw, 5, x, 8])", "strings.quote(text)",
        "text.replace('e', 'xx', 2)",
        "int('42') + int(2.5) + int(when)", "string(raw) + string(b) + string(span)", "type(a) == int || dyn(a) == u",
        "b'\\xff\\x00' + bytes('a')", "r'\\d' + \"\"\"a\nb\"\"\" + '\\u00e4\\U0001F600\\x41\\101'",
        "a in list || 'k' in map",
        "data.`te-xt`", "0xFFu + 1u // remark", "size(text) + size(list) + size(map) + size(raw)", "when.getFullYear()",
        "-9223372036854775808 - 1", "18446744073709551615u + 1u", "1.0 / 0.0 == -x",
        "data.items.map(i, i.id).exists(i, i == 'y')",
    ]

    static let recurrences = [
        "FREQ=MONTHLY;INTERVAL=3;BYDAY=2TU;BYHOUR=9;BYMINUTE=0", "FREQ=YEARLY;BYMONTH=1,2;BYDAY=-1FR,MO;COUNT=7",
        "FREQ=WEEKLY;WKST=SU;BYDAY=MO,TU;UNTIL=20271231T235959Z", "FREQ=DAILY;BYSETPOS=-1;BYHOUR=1,2;BYMINUTE=30",
        "FREQ=YEARLY;BYWEEKNO=20,-1;BYDAY=MO", "FREQ=YEARLY;BYYEARDAY=1,-1", "FREQ=SECONDLY;INTERVAL=3600;BYSECOND=0",
        "FREQ=MONTHLY;BYMONTHDAY=-1,31", "FREQ=HOURLY;UNTIL=20261231",
    ]

    static let calendars = [
        #"{"calendar":"own","include":["base"],"holidays":{"2026-12-24":{"name":"Eve","until":"12:00"}}}"#,
        #"{"calendar":"x","years":[2024,2032],"week":{"monday-friday":["09:00-12:30","13:00-17:00"],"sunday":["00:00-24:00"]}}"#,
        #"{"calendar":"u","union":["base"]}"#,
    ]

    static let rule = """
        regime: eu.x
        verified: 2026-11-23
        link: https://example.org
        rules:
          - rule: eu.x.1
            title: Notify
            facts: [aware, { name: classified, several: last }]
            period: PT72H
            atMost: { period: PT24H, after: aware }
            kind: dora
            to: authority
            source: Art. 1
            status: active*
            effective: { from: 2025-01-01, until: 2030-01-01 }
            inputs:
              - { name: weekendRelief, title: Relief, default: true }
            suspensions:
              - { name: police, effect: postpone, article: Art. 2, by: police, oralAtMost: P30D, atMost: [P30D, P60D] }
            notes: [A note.]
          - rule: eu.x.2
            title: Answer
            facts: [received]
            businessDays: 10
            kind: business-days
            to: person
            source: Art. 3
            status: draft
        """

    static let documents = [
        """
        workflow: incident   # remark
        title: Incident
        reference: INC
        initial: open
        data: { type: object, required: [a, "b"], properties: { a: { type: string, maxLength: 200 } } }
        roles: { owner: { title: Owner } }
        states:
          open:
            on:
              close: { to: closed, guard: "data.a != ''", actions: [{ set: { b: 1 } }] }
          closed: { final: met }
        clocks:
          answer: { goal: PT4H, start: { in: open }, until: { in: closed } }
        """,
        """
        text: |
          two
            lines
        folded: >-
          one
          line
        list:
          - { guard: 'a ? b : c', "x": !y z, n: [1, 2.5, ~] }
        ? k
        : &anchor *alias
        """,
    ]

    /// A calendar with holidays that needs no file.
    static let calendar = WorkCalendar(
        id: "base", years: 2024...2032,
        holidays: ["2026-12-25", "2026-12-26", "2027-01-01", "2028-02-29"].compactMap { text in
            CivilDate(text).map { Holiday(date: $0, name: "Holiday") }
        })
}
