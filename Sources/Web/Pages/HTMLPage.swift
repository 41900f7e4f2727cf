/// A plain HTML page without scripts.
struct HTMLPage {
    /// The title.
    let title: String
    /// The body as HTML.
    let body: String

    /// The page as a reply; nothing on it may load or run anything from elsewhere.
    var reply: Reply {
        var reply = Reply(.ok, .text(html, mediaType: "text/html; charset=utf-8"))
        reply.headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        return reply
    }

    private var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title.escapedForHTML)</title>
        <style>
        body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; line-height: 1.2; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.5rem; }
        dt { font-weight: 600; }
        dd { margin: 0; }
        table { border-collapse: collapse; width: 100%; }
        th, td { border: 1px solid #999; padding: .3rem .6rem; text-align: left; vertical-align: top; }
        th { width: 30%; font-weight: 600; }
        small { display: block; font-weight: 400; }
        .mark { font-weight: 600; text-transform: uppercase; }
        @media print { body { margin: 0; max-width: none; } tr { break-inside: avoid; } }
        pre { background: #f3f3f3; padding: .8rem; overflow-x: auto; }
        @media (prefers-color-scheme: dark) {
        body { background: #161616; color: #e6e6e6; }
        a { color: #8ab4f8; }
        pre { background: #262626; }
        }
        </style>
        </head>
        <body>
        \(body)
        </body>
        </html>

        """
    }
}

extension String {
    /// The text as HTML shows it.
    var escapedForHTML: String {
        var escaped = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
