"""A mail server that prints one line of JSON for each message, decoded by Python's own library.

Usage: mailbox.py MODE [CERTIFICATE KEY]. The first line printed is {"port": N}. Modes: none, starttls, tls (both with
user `reeve`, password `open sesame`), hang (accepts connections and says nothing), mute (hangs after the message).
Recipients `nobody@…` are refused for good, `later@…` for the moment.
"""
import asyncio, email, email.policy, json, socket, ssl, sys, threading

mode = sys.argv[1]


def say(fact):
    print(json.dumps(fact), flush=True)


if mode == "hang":
    listener = socket.create_server(("127.0.0.1", 0))
    held = []
    say({"port": listener.getsockname()[1]})
    threading.Thread(
        target=lambda: [held.append(listener.accept()) for _ in iter(int, 1)], daemon=True).start()
    sys.stdin.read()
    sys.exit()

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later@"):
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if mode == "mute":
            await asyncio.sleep(3600)
        raw = envelope.content
        message = email.message_from_bytes(raw, policy=email.policy.default)
        say({
            "sender": envelope.mail_from, "recipients": envelope.rcpt_tos, "greeting": session.host_name,
            "encrypted": server.transport.get_extra_info("cipher") is not None, "authenticated": bool(session.authenticated),
            "subject": message["subject"], "to": str(message["to"]), "from": str(message["from"]),
            "id": message["message-id"], "date": str(message["date"].datetime), "headers": message.keys(),
            "text": message.get_content().replace("\r\n", "\n") if len(raw) < 100_000 else None, "size": len(raw),
            "longest": max(len(line) for line in raw.split(b"\r\n")),
            "defects": [str(defect) for defect in message.defects],
        })
        return "250 OK"


def authenticate(server, session, envelope, mechanism, credentials):
    right = (credentials.login, credentials.password) == (b"reeve", b"open sesame")
    return AuthResult(success=right, handled=False if not right else True)


context = None
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
options = {}
if mode in ("starttls", "tls"):
    options = dict(authenticator=authenticate, auth_required=True, auth_require_tls=mode == "starttls")
if mode == "starttls":
    options.update(tls_context=context, require_starttls=True)
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
listener.close()
controller = Controller(
    Handler(), hostname="127.0.0.1", port=port, ssl_context=context if mode == "tls" else None,
    data_size_limit=20_000_000, **options)
controller.start()
say({"port": port})
sys.stdin.read()
