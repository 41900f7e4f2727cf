// What is declared and never used is a slip, or left over.
extension DefinitionCheck {
    func checkUnused() {
        for role in definition.roles where !isUsed(.role, role.name) {
            unused(.role, role.name, at: role.position)
        }
        let written = writtenFields
        for field in definition.data.fields where field.compute == nil && field.checklist == nil {
            if !isUsed(.field, field.name), !written.contains(field.name), !definition.exports.contains(field.name) {
                unused(.field, field.name, at: field.position)
            }
        }
        for decision in definition.decisions where !isUsed(.decision, decision.name) {
            unused(.decision, decision.name, at: decision.position)
        }
        for message in definition.templates where !isUsed(.template, message.name) && isOwn(message.position) {
            unused(.template, message.name, at: message.position)
        }
        for escalation in definition.escalations where !isUsed(escalation) && isOwn(escalation.position) {
            unused(.escalation, escalation.name, at: escalation.position)
        }
    }

    private func isUsed(_ kind: NameKind, _ name: String) -> Bool { used[kind]?.contains(name) == true }

    /// Whether something stands in the definition's own file; fragments hold more than one definition needs.
    private func isOwn(_ position: SourcePosition) -> Bool { position.file == definition.position.file }

    private var writtenFields: Set<String> {
        let events = definition.states.flatMap(\.on) + definition.events + [definition.open]
        return Set(events.flatMap { $0.form.map(\.name) + $0.optional })
    }

    private func unused(_ kind: NameKind, _ name: String, at position: SourcePosition) {
        report(.unusedName, at: position, "nothing uses the \(kind.words) `\(name)`", length: name.count)
    }
}
