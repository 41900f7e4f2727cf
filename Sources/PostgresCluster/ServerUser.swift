import Glibc

/// The user that a server runs as.
///
/// PostgreSQL refuses to run as root.
struct ServerUser: Sendable {
    var identifier: uid_t
    var group: gid_t
    /// What a command has to be preceded by to run as this user.
    var prefix: [String]

    /// This process's user, or an unprivileged one where that is root.
    ///
    /// - Throws: `ClusterError.noUnprivilegedUser`.
    static func current(named name: String) throws(ClusterError) -> ServerUser {
        guard geteuid() == 0 else { return ServerUser(identifier: geteuid(), group: getegid(), prefix: []) }
        guard let entry = getpwnam(name) else { throw .noUnprivilegedUser("there is no user \"\(name)\"") }
        let (user, group) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
        guard user != 0 else { throw .noUnprivilegedUser("\"\(name)\" is root") }
        // setpriv becomes the command; runuser would stay between it and us.
        guard let setpriv = Command.find("setpriv") else {
            throw .noUnprivilegedUser("setpriv, which changes the user, is not installed (package util-linux)")
        }
        // The current directory may not be open to the other user.
        let elsewhere = Command.find("env").map { [$0, "--chdir=/"] } ?? []
        return ServerUser(
            identifier: user, group: group,
            prefix: elsewhere + [setpriv, "--reuid=\(user)", "--regid=\(group)", "--init-groups", "--"])
    }

    /// Gives a directory to this user, when it belongs to another.
    func own(_ path: String) throws(ClusterError) {
        guard geteuid() == 0 else { return }
        guard chown(path, identifier, group) == 0 else {
            throw .system("\(path) cannot be given to the server's user: \(systemError())")
        }
    }
}
