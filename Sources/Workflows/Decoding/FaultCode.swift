extension Fault {
    /// The kinds of faults; each has a section in `docs/definitions/findings.md`.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        // The text of a file
        case yamlSyntax = "yaml-syntax"
        case yamlEncoding = "yaml-encoding"
        case yamlSize = "yaml-size"
        case yamlDepth = "yaml-depth"
        case yamlEmpty = "yaml-empty"
        case yamlDocuments = "yaml-documents"
        case yamlTag = "yaml-tag"
        case yamlAnchor = "yaml-anchor"
        case yamlDuplicateKey = "yaml-duplicate-key"
        case yamlKey = "yaml-key"
        case yamlNumber = "yaml-number"
        case yamlDirective = "yaml-directive"
        case yamlTab = "yaml-tab"
        case yamlLeadingQuote = "yaml-leading-quote"
        case yamlConditional = "yaml-conditional"
        case yamlFlow = "yaml-flow"
        case yamlBoolean = "yaml-boolean"

        // Words of the language
        case unreadableFile = "unreadable-file"
        case includeCycle = "include-cycle"
        case wrongKind = "wrong-kind"
        case unknownKey = "unknown-key"
        case missingKey = "missing-key"
        case missingValue = "missing-value"
        case conflictingKeys = "conflicting-keys"
        case invalidName = "invalid-name"
        case duplicateName = "duplicate-name"
        case invalidValue = "invalid-value"
        case invalidExpression = "invalid-expression"
        case missingAllow = "missing-allow"

        // Names and types
        case unknownName = "unknown-name"
        case unusedName = "unused-name"
        case wrongType = "wrong-type"
        case unavailableName = "unavailable-name"
        case optionalField = "optional-field"
        case readOnlyField = "read-only-field"
        case nestedRead = "nested-read"
        case groupLikeRole = "group-like-role"

        // States and edges
        case unreachableState = "unreachable-state"
        case stateWithoutEnd = "state-without-end"
        case finalState = "final-state"
        case alwaysCycle = "always-cycle"
        case shadowedEdge = "shadowed-edge"
        case alwaysNeverFires = "always-never-fires"
        case selfTarget = "self-target"
        case ambiguousEvent = "ambiguous-event"
        case requiresNotGiven = "requires-not-given"

        // Clocks and ladders
        case stateWithoutClock = "state-without-clock"
        case clockNeverStarts = "clock-never-starts"
        case clockNeverStops = "clock-never-stops"
        case clockExemptionMet = "clock-exemption-met"
        case clockPausesForever = "clock-pauses-forever"
        case clockMutualWait = "clock-mutual-wait"
        case statutoryPause = "statutory-pause"
        case statutoryLadder = "statutory-ladder"
        case ladderWithoutManager = "ladder-without-manager"

        // People
        case roleNobodyHolds = "role-nobody-holds"
        case approvalNobodyGives = "approval-nobody-gives"
        case roleBothSides = "role-both-sides"

        // Decisions
        case decisionOverlap = "decision-overlap"
        case decisionGap = "decision-gap"
        case decisionUndecidable = "decision-undecidable"

        // Other definitions
        case unknownWorkflow = "unknown-workflow"
        case contractField = "contract-field"
        case contractType = "contract-type"
        case contractEvent = "contract-event"
        case contractSender = "contract-sender"

        // New versions
        case upgradeState = "upgrade-state"
        case upgradeField = "upgrade-field"
        case upgradeClock = "upgrade-clock"
        case upgradeChild = "upgrade-child"
        case upgradeWork = "upgrade-work"
        case upgradeRole = "upgrade-role"

        /// How bad faults of this kind are.
        public var severity: Severity {
            switch self {
            case .yamlBoolean, .unusedName, .groupLikeRole, .stateWithoutClock, .clockExemptionMet,
                .ladderWithoutManager, .decisionUndecidable, .unknownWorkflow:
                .warning
            default:
                .error
            }
        }
    }
}
