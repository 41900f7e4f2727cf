/// What the parameters in paths stand for, for the description.
enum PathParameters {
    static func summary(of name: String) -> String {
        switch name {
        case "instance": "Reference, such as INC-2026-0042, or identifier of an instance"
        case "task": "Name of a task; for one of several, NAME/KEY with the slash encoded"
        case "approval": "Name of an approval; for one of several, NAME/KEY with the slash encoded"
        case "clock": "Name of a clock; for one of several, NAME/KEY with the slash encoded"
        case "workflow": "Name of a workflow"
        case "version": "Version of a definition, from 1"
        case "problem": "Name of a kind of problem"
        case "secret": "The secret part of a feed's address, with or without .ics"
        case "calendar": "Identifier of a calendar"
        case "digest": "SHA-256 of the content, in hexadecimal"
        default: "Identifier of the \(name)"
        }
    }
}
