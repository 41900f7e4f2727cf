import Engine
import Glibc

/// Everything that can be configured.
///
/// A setting has one name in three spellings: `REEVE_LOG_LEVEL` in the environment, `log-level:` in the file, and
/// `--log-level` or `--set log-level=…` on the command line; the later wins.
enum Setting: String, CaseIterable {
    case database
    case listen
    case data
    case share
    case logLevel = "log-level"
    case logFormat = "log-format"
    case bodyLimit = "body-limit"
    case fileLimit = "file-limit"
    case requestTimeout = "request-timeout"
    case idleTimeout = "idle-timeout"
    case connections
    case url
    case token
    case tenant
    case port
    case publicURL = "public-url"
    case key
    case mailHost = "mail-host"
    case mailPort = "mail-port"
    case mailSecurity = "mail-security"
    case mailUser = "mail-user"
    case mailPassword = "mail-password"
    case mailFrom = "mail-from"
    case authorities
    case regimes
    case ownRules = "own-rules"
    case rateLimit = "rate-limit"
    case guestRateLimit = "guest-rate-limit"
    case maxConnections = "max-connections"
    case headTimeout = "head-timeout"
    case trustedProxies = "trusted-proxies"
    case metricsToken = "metrics-token"
    case workerListen = "worker-listen"

    /// What values it takes.
    enum Kind {
        case text
        case secret
        case integer(ClosedRange<Int>)
        case networks
        case choice([String])
        case address
    }

    /// The name of its environment variable.
    var variable: String { "REEVE_" + rawValue.uppercased().map { $0 == "-" ? "_" : String($0) }.joined() }

    /// What values it takes.
    var kind: Kind {
        switch self {
        case .database, .token, .key, .mailPassword, .metricsToken: .secret
        case .data, .share, .url, .tenant, .publicURL, .mailHost, .mailUser, .mailFrom, .authorities, .regimes,
            .ownRules:
            .text
        case .mailSecurity: .choice(["starttls", "tls", "none"])
        case .mailPort: .integer(1...65535)
        case .listen, .workerListen: .address
        case .rateLimit, .guestRateLimit: .integer(0...1_000_000)
        case .maxConnections: .integer(10...100_000)
        case .trustedProxies: .networks
        case .logLevel: .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"])
        case .logFormat: .choice(["text", "json"])
        case .bodyLimit: .integer(1024...(64 << 20))
        case .fileLimit: .integer(1024...Engine.evidenceLimit)
        case .requestTimeout, .idleTimeout, .headTimeout: .integer(1...3600)
        case .connections: .integer(2...200)
        case .port: .integer(0...65535)
        }
    }

    /// The value where nothing says otherwise; nil where there is none.
    var standard: String? {
        switch self {
        case .listen: "127.0.0.1:8080"
        // PostgreSQL does not run as root, and what it runs as may not enter root's home.
        case .data: geteuid() == 0 ? "/var/lib/reeve" : "~/.local/share/reeve"
        case .logLevel: "notice"
        case .logFormat: "text"
        case .bodyLimit: "4194304"
        case .fileLimit: "33554432"
        case .requestTimeout: "30"
        case .idleTimeout: "120"
        case .connections: "8"
        case .rateLimit: "200"
        case .guestRateLimit: "50"
        case .maxConnections: "2000"
        case .headTimeout: "10"
        case .tenant: "default"
        case .database, .share, .url, .token, .port, .publicURL, .key, .mailHost, .mailPort, .mailSecurity, .mailUser,
            .mailPassword, .mailFrom, .authorities, .metricsToken, .workerListen, .trustedProxies, .regimes,
            .ownRules:
            nil
        }
    }

    /// What it means.
    var summary: String {
        switch self {
        case .database: "Connection string or URI of PostgreSQL, as libpq understands it"
        case .listen: "Address and port on which the HTTP server listens"
        case .data: "Directory in which `reeve up` keeps its PostgreSQL and its token"
        case .share: "Directory with sql/ and workflows/; found beside the binary where unset"
        case .logLevel: "Least severe messages that are logged"
        case .logFormat: "Shape of log lines"
        case .bodyLimit: "Greatest size of a request's body, in bytes"
        case .fileLimit: "Greatest size of a file of evidence, in bytes; 32 MiB at most"
        case .requestTimeout: "Time for a request to arrive and to be answered, in seconds"
        case .idleTimeout: "Time after which an idle connection is closed, in seconds"
        case .connections: "Greatest number of connections to PostgreSQL in a process"
        case .url: "Address of the Reeve that commands about instances talk to"
        case .token: "Bearer token for that Reeve"
        case .tenant: "Tenant that administrative commands on the database act for"
        case .regimes:
            """
            Regimes that the tenant of `reeve up` is under, by identifier, with commas between, or all; where unset, a \
            new tenant is under all, with --demo under the demonstration's
            """
        case .ownRules:
            "Folder with rules of your own, which take the place of the library's of the same identifier; none where unset"
        case .port: "Port on which `reeve up` lets its PostgreSQL listen for other programs; a socket alone where unset"
        case .publicURL: "Address of this installation as people reach it, for links in messages; no links where unset"
        case .key: "Keys for secrets of destinations, as ID:KEY pairs separated by commas, the present one first"
        case .mailHost: "SMTP server for tenants that have none of their own; no mail where unset"
        case .mailPort: "Port of the SMTP server; 587, with tls 465, with none 25 where unset"
        case .mailSecurity: "How the connection to the SMTP server is protected; starttls where unset"
        case .mailUser: "Name to sign in to the SMTP server with"
        case .mailPassword: "Password to sign in to the SMTP server with"
        case .mailFrom: "Sender of mail"
        case .authorities:
            "File with the certificate authorities that receivers and mail servers are trusted by; the system's where unset"
        case .rateLimit: "Requests that one token may make in a second, with bursts of twice that; 0 for no limit"
        case .guestRateLimit:
            "Requests without a good token that one address may make in a second, with bursts of twice that; 0 for no limit"
        case .maxConnections:
            "Connections to the HTTP server at once; where more come, those that ask nothing make room"
        case .headTimeout: "Time for the head of a request to arrive, in seconds"
        case .trustedProxies:
            "Reverse proxies whose X-Forwarded-For is believed: addresses and networks, with commas between"
        case .metricsToken: "Token that /metrics asks for; where unset, requests through a proxy are refused"
        case .workerListen: "Address and port on which `reeve worker` serves health and metrics; nowhere where unset"
        }
    }
}
