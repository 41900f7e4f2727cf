import ArgumentParser

/// The commands in the order in which `reeve --help` shows them.
enum CommandGroups {
    static let all = [
        CommandGroup(name: "Running", subcommands: [Up.self, Serve.self, Work.self, Migrate.self]),
        CommandGroup(
            name: "Instances",
            subcommands: [
                Open.self, Send.self, Show.self, List.self, Clocks.self, Tasks.self, Approve.self, Refuse.self,
                Assign.self, Comment.self, Correct.self, Attach.self, EvidenceCommand.self, Link.self, Acknowledge.self,
                Cancel.self, Suspend.self, Resume.self,
            ]),
        CommandGroup(
            name: "Deadlines",
            subcommands: [
                DeadlineCommand.self, DeadlinesCommand.self, CalendarCommand.self, CalendarsCommand.self, Register.self,
                Pack.self,
            ]),
        CommandGroup(
            name: "Administration",
            subcommands: [
                Doctor.self, Journal.self, WorkflowsCommand.self, Deliveries.self, DirectoryCommand.self, Tokens.self,
                Tenants.self, SetVisibility.self, Grant.self, Erase.self, Hold.self, Pause.self, Unpause.self,
            ]),
        CommandGroup(name: "Tools", subcommands: [Simulate.self, Eval.self]),
    ]
}
