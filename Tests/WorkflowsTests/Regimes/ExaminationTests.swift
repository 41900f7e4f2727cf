import CEL
import Deadlines
import JSON
import Testing

@testable import Workflows

/// What the shipped regimes ask of a group with entities in Ireland and California.
@Suite("Obligations of a case") struct ExaminationTests {
    let library: RegimeLibrary
    let almanac: Almanac
    let parties: Parties

    init() throws {
        let folder = Folders.library.appending(path: "regimes")
        library = try RegimeLibrary.decode(Folders.files(in: folder, suffix: ".yaml")) {
            Folders.bytes(folder, $0)
        }.get()
        almanac = try Almanac(workflows: Folders.library.path, zones: ZoneDatabase())
        parties = try Parties(
            json: [
                "entities": [
                    "group-ie": [
                        "title": "Group Ireland", "country": "ie", "roles": ["controller", "nis2-important"],
                        "leadAuthority": "ie-dpc", "zone": "Europe/Dublin", "calendar": "ie",
                    ],
                    "group-us": [
                        "title": "Group California", "country": "us-ca", "roles": ["processor"],
                        "zone": "America/Los_Angeles", "calendar": "us-ca",
                    ],
                ],
                "authorities": [
                    "ie-dpc": ["title": "Data Protection Commission", "jurisdictions": ["ie"], "regimes": ["eu.gdpr"]],
                    "ie-ncsc": ["title": "NCSC", "jurisdictions": ["ie"], "regimes": ["eu.nis2"]],
                ],
                "counterparties": [
                    "bank": [
                        "title": "Bank", "kind": "customer", "entity": "group-us", "notice": "PT24H",
                        "kinds": ["payment"],
                    ],
                    "shop": ["title": "Shop", "kind": "customer", "entity": "group-ie", "notice": "PT48H"],
                ],
            ])
    }

    private func examine(_ facts: JSON, drafts: Set<String> = []) -> Examination {
        Examination(
            of: CEL.Value(json: facts), library: library, inForce: Set(library.regimes.map(\.id)), parties: parties,
            status: { (try? almanac.rules.rule($0))?.status }, drafts: drafts)
    }

    private let breach: JSON = [
        "personalData": true, "major": false, "types": ["data-breach"],
        "affected": [
            ["jurisdiction": "ie", "low": 900, "high": 1200, "kinds": ["contact", "payment"], "encrypted": false],
            ["jurisdiction": "de", "low": 10, "high": 20, "kinds": ["contact"], "encrypted": false],
            ["jurisdiction": "us-ca", "low": 400, "high": 600, "kinds": ["contact"], "encrypted": false],
            ["jurisdiction": "us-nv", "low": 3, "high": 3, "kinds": ["contact"], "encrypted": false],
            ["jurisdiction": "jp", "low": 1, "high": 5, "kinds": ["contact"], "encrypted": false],
            ["jurisdiction": "ke", "low": 1, "high": 2, "kinds": ["contact"], "encrypted": false],
        ],
    ]

    private func ids(_ examination: Examination) -> [String] {
        examination.obligations.listValue?.compactMap { $0.member("id")?.stringValue } ?? []
    }

    @Test func aBreachOpensWhatAppliesWithReasons() throws {
        let examination = examine(breach)
        let opened = ids(examination)
        #expect(opened.contains("gdpr-authority:group-ie:ie-dpc"))
        #expect(!opened.contains { $0.hasPrefix("gdpr-authority:group-us") })
        // The Irish company owns the data; the Californian one processes it and tells their owners.
        #expect(opened.contains("us-ca-breach:group-ie") && !opened.contains("us-ca-breach:group-us"))
        #expect(opened.contains("us-state-breach:group-ie:us-nv"))
        #expect(opened.contains("gdpr-controller:group-us:bank"))
        #expect(opened.contains("contract:group-us:bank") && opened.contains("contract:group-ie:shop"))
        #expect(!opened.contains { $0.hasPrefix("nis2") })
        let refused = try #require(
            examination.findings.first { $0.obligation.id == "gdpr-authority" && $0.subject == ["group-us"] })
        #expect(refused.verdict == .doesNotApply)
        #expect(refused.reasons == ["Group California is not a controller."])
    }

    @Test func aContractSaysWhatItsTimeRunsFrom() throws {
        for (trigger, rule) in [
            (nil, "contract"), ("awareness", "contract"), ("confirmation", "contract.confirmed"),
            ("classification", "contract.classified"),
        ] {
            var shop: JSONObject = ["title": "Shop", "kind": "customer", "entity": "group-ie", "notice": "PT48H"]
            shop["trigger"] = trigger.map(JSON.string)
            let others = parties.all.filter { $0.id != "shop" }
            let all = try Parties(others + [.init(.counterparty, id: "shop", .object(shop))])
            let examination = Examination(
                of: CEL.Value(json: breach), library: library, inForce: Set(library.regimes.map(\.id)), parties: all,
                status: { (try? almanac.rules.rule($0))?.status }, drafts: [])
            let notice = try #require(
                examination.obligations.listValue?.first { $0.member("id") == "contract:group-ie:shop" })
            #expect(notice.member("stages")?.listValue?.map { $0.member("rule")?.stringValue } == [rule])
        }
        #expect(throws: Parties.Fault.self) {
            try Parties.Party(
                .counterparty, id: "shop",
                ["title": "Shop", "kind": "customer", "entity": "a", "notice": "PT48H", "trigger": "whenever"])
        }
    }

    @Test func aMistypedRoleIsRefusedAndOneOfOnesOwnIsNot() throws {
        #expect(throws: Parties.Fault.self) {
            try Parties.Party(.entity, id: "a", ["title": "A", "country": "ie", "roles": ["controler"]])
        }
        for role in Parties.roles + ["dora-insurance-undertaking", "house-of-cards"] {
            _ = try Parties.Party(.entity, id: "a", ["title": "A", "country": "ie", "roles": [.string(role)]])
        }
    }

    @Test func stagesThatANumberDecidesFollowItsUpperEnd() throws {
        let all = try #require(examine(breach).obligations.listValue)
        let california = try #require(all.first { $0.member("id") == "us-ca-breach:group-ie" })
        let stages = california.member("stages")?.listValue ?? []
        #expect(stages.compactMap { $0.member("id")?.stringValue } == ["residents", "attorney-general"])
        #expect(stages.last?.member("recipient") == "Attorney General of California")
        // Though the company is Irish, the act is performed in California.
        #expect(california.member("zone") == "America/Los_Angeles")
        #expect(california.member("calendar") == "us-ca")
    }

    @Test func aRangeWithoutAnUpperEndReachesNoThresholdForSure() throws {
        var facts = try #require(breach.objectValue)
        facts["affected"] = [["jurisdiction": "us-ca", "low": 3, "kinds": ["contact"], "encrypted": false]]
        let examination = examine(.object(facts))
        let california = try #require(
            examination.obligations.listValue?.first { $0.member("id") == "us-ca-breach:group-ie" })
        #expect(california.member("provisional") == false)
        #expect(california.member("stages")?.listValue?.count == 2)
        let words = try #require(examination.coverage.first?.reason)
        #expect(words.contains("From 501 people on") && words.contains("not known"))
    }

    @Test func withoutAnEstablishmentInTheUnionEveryAffectedMemberStateIsTold() throws {
        let outside = try Parties(
            json: [
                "entities": ["us": ["title": "Inc.", "country": "us-ca", "roles": ["controller"]]],
                "authorities": [
                    "ie-dpc": ["title": "Data Protection Commission", "jurisdictions": ["ie"], "regimes": ["eu.gdpr"]]
                ],
            ])
        let examination = Examination(
            of: CEL.Value(json: breach), library: library, inForce: ["eu.gdpr"], parties: outside,
            status: { (try? almanac.rules.rule($0))?.status })
        let opened = ids(examination)
        #expect(opened.contains("gdpr-authority:us:ie-dpc"))
        #expect(opened.contains("gdpr-authority:us:de"), "the one that the directory lacks is named all the same")
    }

    @Test func anEntityIsEstablishedWhereItSitsAndElsewhere() throws {
        let parties = try Parties(
            json: [
                "entities": [
                    "ie": ["title": "Ltd", "country": "ie", "established": ["gb"], "roles": ["controller"]]
                ]
            ])
        let examination = Examination(
            of: CEL.Value(json: ["personalData": true, "affected": []]), library: library,
            inForce: ["eu.gdpr", "uk", "us.ca"], parties: parties,
            status: { (try? almanac.rules.rule($0))?.status })
        #expect(ids(examination) == ["gdpr-authority:ie", "uk-gdpr-authority:ie"])
    }

    @Test func aJurisdictionNamedTwiceIsExaminedOnce() throws {
        var facts = try #require(breach.objectValue)
        facts["affected"] = [
            ["jurisdiction": "us-nv", "low": 3, "high": 3, "kinds": ["contact"], "encrypted": false],
            ["jurisdiction": "us-nv", "low": 1, "high": 1, "kinds": ["payment"], "encrypted": false],
        ]
        let examination = examine(.object(facts))
        #expect(
            ids(examination).filter { $0.hasPrefix("us-state-breach:group-ie") } == ["us-state-breach:group-ie:us-nv"])
        #expect(examination.coverage.map(\.jurisdiction) == ["us-nv"])
    }

    @Test func whatIsNotInForceYetIsPutToCounsel() {
        let india: JSON = [
            "personalData": true, "major": false, "types": ["mistake"],
            "affected": [["jurisdiction": "in", "low": 1, "high": 1, "kinds": ["contact"], "encrypted": false]],
        ]
        let coverage = examine(india).coverage
        #expect(coverage.map(\.end) == [.notCovered] && coverage.allSatisfy(\.needsCounsel))
        #expect(coverage.first?.reason.hasPrefix("Only rules that are not in force cover in") == true)
    }

    @Test func whatIsNotKnownYetIsProvisional() throws {
        let examination = examine(breach)
        let people = try #require(
            examination.findings.first { $0.obligation.id == "gdpr-people" && $0.subject == ["group-ie"] })
        #expect(people.verdict == .provisional)
        #expect(people.reasons.last == "Not known yet whether this holds: A high risk is likely.")
        let unknown = examine(["personalData": true, "major": false])
        let authority = try #require(
            unknown.findings.first { $0.obligation.id == "us-ca-breach" && $0.subject == ["group-ie"] })
        #expect(authority.verdict == .provisional)
    }

    @Test func everyAffectedJurisdictionComesToAnEnd() {
        let coverage = examine(breach).coverage
        #expect(coverage.map(\.jurisdiction) == ["ie", "de", "us-ca", "us-nv", "jp", "ke"])
        #expect(coverage.map(\.end) == [.applies, .applies, .applies, .applies, .draft, .notCovered])
        #expect(coverage.map(\.needsCounsel) == [false, false, false, true, true, true])
    }

    @Test func draftsOpenOnlyWhereTheTenantSwitchesThemOn() {
        #expect(!ids(examine(breach)).contains("jp-appi:group-ie"))
        let on = examine(breach, drafts: ["jp.appi.26.preliminary", "jp.appi.26.final"])
        #expect(ids(on).contains("jp-appi:group-ie"))
        #expect(on.coverage.first { $0.jurisdiction == "jp" }?.end == .applies)
    }

    @Test func encryptionEndsTheDutyToTellPeople() throws {
        var facts = try #require(breach.objectValue)
        facts["risk"] = "high"
        facts["affected"] = [
            ["jurisdiction": "ie", "low": 9, "high": 9, "kinds": ["contact"], "encrypted": true],
            ["jurisdiction": "us-ca", "low": 9, "high": 9, "kinds": ["contact"], "encrypted": true],
        ]
        let examination = examine(.object(facts))
        let verdicts = examination.findings.filter { ["gdpr-people", "us-ca-breach"].contains($0.obligation.id) }
        #expect(!verdicts.contains { $0.verdict.isOpen })
        #expect(verdicts.contains { $0.verdict == .exempt })
        #expect(ids(examination).contains("gdpr-authority:group-ie:ie-dpc"))
    }

    @Test func withoutEntitiesEveryDutyIsProvisional() {
        let examination = Examination(
            of: CEL.Value(json: ["personalData": true, "major": false]), library: library, inForce: ["eu.gdpr"],
            parties: Parties(), status: { _ in .active })
        #expect(ids(examination) == ["gdpr-authority", "gdpr-people"])
        #expect(examination.findings.allSatisfy { $0.verdict == .provisional || !$0.verdict.isOpen })
    }

    @Test(arguments: [
        (
            #"{"entities": {"a": {"title": "A", "country": "Ireland"}}}"#,
            "entities.a.country: is a code such as `de` or `us-ca`"
        ),
        (#"{"entities": {"a": {"title": "A", "country": "ie", "rolls": []}}}"#, "entities.a: has no `rolls`"),
        (
            #"{"counterparties": {"a": {"title": "A", "kind": "friend", "entity": "x", "notice": "PT1H"}}}"#,
            "counterparties.a.kind: is one of"
        ),
        (
            #"{"counterparties": {"a": {"title": "A", "kind": "vendor", "entity": "x", "notice": "a day"}}}"#,
            "counterparties.a.notice: is an ISO 8601 duration"
        ),
    ])
    func partiesThatMakeNoSenseAreRefusedWithTheirPlace(text: String, words: String) throws {
        let json = try JSON(parsing: text)
        #expect { try Parties(json: json) } throws: { "\($0)".hasPrefix(words) }
    }
}
