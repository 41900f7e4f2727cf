"""A receiver of webhooks that judges them by itself: prints one line of JSON for each request.

Usage: receiver.py SECRET [CERTIFICATE KEY]. The first line printed is {"port": N}. Paths: /ok, /status/N (with
?after=SECONDS), /slow/SECONDS, /redirect, /flood (an answer that is long), /drop (closes without an answer).
"""
import base64, hashlib, hmac, http.server, json, socketserver, ssl, sys, threading, time, urllib.parse

secret = base64.b64decode(sys.argv[1].removeprefix("whsec_"))
lock = threading.Lock()


def say(fact):
    with lock:
        print(json.dumps(fact), flush=True)


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
        right = "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        signatures = self.headers["webhook-signature"].split(" ")
        say({
            "path": self.path, "id": self.headers["webhook-id"], "timestamp": self.headers["webhook-timestamp"],
            "verified": right in signatures, "signatures": len(signatures), "length": len(body),
            "type": self.headers["content-type"], "message": json.loads(body) if len(body) < 100_000 else None,
        })
        url = urllib.parse.urlparse(self.path)
        steps = url.path.strip("/").split("/")
        if steps[0] == "slow":
            time.sleep(float(steps[1]))
            self.answer(200)
        elif steps[0] == "status":
            after = urllib.parse.parse_qs(url.query).get("after")
            self.answer(int(steps[1]), {"retry-after": after[0]} if after else {})
        elif steps[0] == "redirect":
            self.answer(307, {"location": "/ok"})
        elif steps[0] == "flood":
            self.answer(200, body=b"x" * 10_000_000)
        elif steps[0] == "drop":
            self.close_connection = True
        else:
            self.answer(200)

    def answer(self, status, headers={}, body=b"thank you\n"):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        pass


server = Server(("127.0.0.1", 0), Receiver)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
say({"port": server.server_address[1]})
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
