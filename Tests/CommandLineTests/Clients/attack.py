#!/usr/bin/env python3
"""Attacks a Reeve on this machine, and measures what it costs.

Usage: attack.py NAME PORT PID TOKEN [OTHER-TOKEN]

A second process asks the server something useful all the while, under OTHER-TOKEN where there is one. Prints one JSON
object: latencies of those requests in seconds, how many failed, the server's memory in MiB before and at its highest, and
what the attack has seen. Only ever connects to 127.0.0.1, and ends within a minute.
"""

import collections
import json
import multiprocessing
import re
import resource
import selectors
import socket
import sys
import time

HOST = "127.0.0.1"


def memory(pid):
    """The resident memory of a process in MiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0.0


def connect(port, receive=None):
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if receive:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    client.settimeout(10)
    client.connect((HOST, port))
    return client


def read_reply(client, limit=5.0):
    """Everything until the other end closes or the time is up, and whether it closed."""
    client.settimeout(limit)
    data = b""
    deadline = time.monotonic() + limit
    try:
        while time.monotonic() < deadline:
            part = client.recv(65536)
            if not part:
                return data, True
            data += part
    except TimeoutError:
        return data, False
    except OSError:
        return data, True
    return data, False


def replies_in(data):
    return len(re.findall(rb"HTTP/1\.[01] \d{3} ", data))


def status_of(data):
    return int(data[9:12]) if data[:5] == b"HTTP/" and data[9:12].isdigit() else 0


def ask(port, token):
    """One useful request on a connection of its own: the list of instances, which the database answers."""
    client = connect(port)
    try:
        client.sendall(
            f"GET /api/v1/instances?limit=5 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        data, _ = read_reply(client, 20)
        return status_of(data)
    finally:
        client.close()


def probe(port, token, stop, results):
    latencies, failures = [], []
    while not stop.is_set():
        begun = time.monotonic()
        try:
            status = ask(port, token)
            if status != 200:
                failures.append(str(status))
        except OSError as error:
            failures.append(repr(error))
        latencies.append(time.monotonic() - begun)
        time.sleep(0.05)
    results.put((latencies, failures))


def watch(pid, stop, results):
    highest = 0.0
    while not stop.is_set():
        highest = max(highest, memory(pid))
        time.sleep(0.05)
    results.put(highest)


# Attacks: each returns what it has seen.


def crowd(port, count, first=b""):
    """So many connections at once; each sends the beginning of a request."""
    clients = []
    for _ in range(count):
        try:
            client = connect(port)
            if first:
                client.sendall(first)
            client.setblocking(False)
            clients.append(client)
        except OSError:
            break
    return clients


def still_open(clients):
    count = 0
    for client in clients:
        try:
            if client.recv(65536) == b"":
                continue
        except BlockingIOError:
            count += 1
        except OSError:
            continue
    return count


def idle(port, token):
    clients = crowd(port, 10_000)
    time.sleep(1)
    left = still_open(clients)
    time.sleep(4)
    return {"opened": len(clients), "open": left, "open-later": still_open(clients)}


def slow_head(port, token):
    clients = crowd(port, 10_000, b"GET /api/v1/instances HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    end = time.monotonic() + 6
    alive = clients
    while time.monotonic() < end and alive:
        sent = []
        for client in alive:
            try:
                client.send(b"a")
                sent.append(client)
            except BlockingIOError:
                sent.append(client)
            except OSError:
                continue
        alive = sent
        time.sleep(0.5)
    return {"opened": len(clients), "open": still_open(clients)}


def slow_body(port, token):
    head = (
        "POST /api/v1/instances HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: 1000000\r\n\r\n{{"
    ).encode()
    clients = crowd(port, 400, head)
    statuses = collections.Counter()
    replies = {client: b"" for client in clients}
    end = time.monotonic() + 10
    while time.monotonic() < end:
        for client in clients:
            try:
                client.send(b" ")
            except OSError:
                pass
            try:
                replies[client] += client.recv(65536)
            except OSError:
                pass
        time.sleep(0.3)
    for reply in replies.values():
        statuses[str(status_of(reply))] += 1
    return {"opened": len(clients), "statuses": statuses}


def blast(port, first, piece, connections, seconds):
    """Sends without end on some connections; counts replies and bytes that were taken."""
    selector = selectors.DefaultSelector()
    replies = {}
    sent = 0
    for _ in range(connections):
        client = connect(port)
        client.sendall(first)
        client.setblocking(False)
        selector.register(client, selectors.EVENT_READ | selectors.EVENT_WRITE)
        replies[client] = b""
    closed = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end and selector.get_map():
        for key, events in selector.select(0.2):
            client = key.fileobj
            try:
                if events & selectors.EVENT_READ:
                    part = client.recv(65536)
                    replies[client] += part
                    if not part:
                        raise ConnectionResetError
                if events & selectors.EVENT_WRITE:
                    sent += client.send(piece)
            except BlockingIOError:
                pass
            except OSError:
                closed += 1
                selector.unregister(client)
    statuses = collections.Counter(str(status_of(reply)) for reply in replies.values())
    return {"statuses": statuses, "closed": closed, "connections": connections, "sent": sent // (1 << 20)}


CHUNK = b"4000\r\n" + b"a" * 0x4000 + b"\r\n"


def endless_body(port, token):
    """Bodies without end: without a token, of a route that takes none, and with a token."""
    chunked = "HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    return {
        "stranger": blast(port, f"POST /api/v1/instances {chunked}\r\n".encode(), CHUNK, 20, 4),
        "bodiless": blast(port, f"GET /health/live {chunked}\r\n".encode(), CHUNK, 20, 4),
        "known": blast(
            port, f"POST /api/v1/instances {chunked}Authorization: Bearer {token}\r\n\r\n".encode(), CHUNK, 20, 4
        ),
        "extension": blast(port, f"POST /api/v1/instances {chunked}\r\n4;x=".encode(), b"a" * 16384, 20, 4),
        "trailers": blast(port, f"POST /api/v1/instances {chunked}\r\n0\r\n".encode(), b"X-A: b\r\n" * 500, 20, 4),
    }


def header_flood(port, token):
    first = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
    return {
        "many": blast(port, first, b"X-Flood: a\r\n" * 100, 50, 4),
        "long": blast(port, first + b"X-Flood: ", b"a" * 16384, 50, 4),
        "target": blast(port, b"GET /", b"a" * 16384, 50, 4),
        "method": blast(port, b"", b"A" * 16384, 50, 4),
        "lines": blast(port, b"", b"\r\n" * 4096, 50, 4),
    }


def pipelining(port, token):
    """Asks far more than it ever reads the answers of."""
    one = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    clients = [connect(port, receive=4096) for _ in range(500)]
    for client in clients:
        client.setblocking(False)
    end = time.monotonic() + 6
    while time.monotonic() < end:
        for client in clients:
            try:
                client.send(one * 400)
            except OSError:
                pass
        time.sleep(0.2)
    time.sleep(8)  # longer than the time over which the pace of readers is measured
    closed = 0
    for client in clients:
        try:
            client.send(b"x")
            time.sleep(0)
            client.send(b"x")
        except BlockingIOError:
            pass
        except OSError:
            closed += 1
    return {"connections": len(clients), "closed": closed}


def upgrade(port, token):
    """Wants another protocol, and sends what it pleases after that."""
    first = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"
    return blast(port, first, b"x" * 65536, 20, 5)


def tiny(port, token):
    """As many requests as the connections take, under one token."""
    request = f"GET /api/v1/tokens HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    clients = [connect(port) for _ in range(32)]
    statuses = collections.Counter()
    waits = set()
    end = time.monotonic() + 6
    while time.monotonic() < end:
        for client in clients:
            client.sendall(request)
        for client in clients:
            data = b""
            while b"\r\n\r\n" not in data:
                data += client.recv(65536)
            head, _, body = data.partition(b"\r\n\r\n")
            fields = {l.split(b":", 1)[0].lower(): l.split(b":", 1)[1].strip() for l in head.split(b"\r\n")[1:]}
            length = int(fields[b"content-length"])
            while len(body) < length:
                body += client.recv(65536)
            statuses[str(status_of(head))] += 1
            if b"retry-after" in fields:
                waits.add(fields[b"retry-after"].decode())
    return {"statuses": statuses, "retry-after": sorted(waits)}


def more(client):
    """What the server sends next; where it has gone, the attack ends too."""
    data = client.recv(65536)
    if not data:
        raise ConnectionError("the server has gone")
    return data


def wrong_tokens(port, token):
    """Guesses tokens."""
    statuses = collections.Counter()
    client = None
    end = time.monotonic() + 5
    number = 0
    while time.monotonic() < end:
        number += 1
        guess = f"reeve_{'0' * 32}_{number:064x}"
        client = client or connect(port)
        client.sendall(
            f"GET /api/v1/instances HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {guess}\r\n\r\n".encode()
        )
        data = b""
        while b"\r\n\r\n" not in data:
            data += more(client)
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += more(client)
        statuses[str(status_of(head))] += 1
    return {"statuses": statuses, "seconds": 5}


HOSTED = b"Host: x\r\n"
MALFORMED = {
    "no version": b"GET /\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\n" + HOSTED + b"\r\n",
    "no host": b"GET /health/live HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "two lengths": b"POST /api/v1/tokens HTTP/1.1\r\n" + HOSTED + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": b"POST /api/v1/tokens HTTP/1.1\r\n"
    + HOSTED
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative length": b"POST /api/v1/tokens HTTP/1.1\r\n" + HOSTED + b"Content-Length: -1\r\n\r\n",
    "huge length": b"POST /api/v1/tokens HTTP/1.1\r\n" + HOSTED + b"Content-Length: 99999999999999999999\r\n\r\n",
    "broken chunk": b"POST /api/v1/tokens HTTP/1.1\r\n" + HOSTED + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "space in name": b"GET / HTTP/1.1\r\n" + HOSTED + b"X Y: z\r\n\r\n",
    "space before colon": b"GET / HTTP/1.1\r\n" + HOSTED + b"X-Y : z\r\n\r\n",
    "folded header": b"GET / HTTP/1.1\r\n" + HOSTED + b" folded: yes\r\n\r\n",
    "zero byte in header": b"GET / HTTP/1.1\r\n" + HOSTED + b"X-Y: a\x00b\r\n\r\n",
    "no colon": b"GET / HTTP/1.1\r\n" + HOSTED + b"nonsense\r\n\r\n",
    "unknown method": b"BREW / HTTP/1.1\r\n" + HOSTED + b"\r\n",
    "preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32),
    "noise": bytes(range(128, 256)) * 4,
    "asterisk": b"GET * HTTP/1.1\r\n" + HOSTED + b"\r\n",
    "tunnel": b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n",
}


def malformed(port, token):
    """Each by itself: the status, and whether the connection was closed in time."""
    seen = {}
    for name, request in MALFORMED.items():
        client = connect(port)
        client.sendall(request)
        data, closed = read_reply(client, 4)
        client.close()
        seen[name] = {"status": status_of(data), "closed": closed, "replies": replies_in(data)}
    return seen


def half_closed(port, token):
    """The client sends no more, and still reads."""
    seen = {}
    requests = {
        "whole": b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
        "several": b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n" * 5,
        "nothing": b"",
        "half head": b"GET /health/live HTTP/1.1\r\nHo",
        "half body": f"POST /api/v1/instances HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{".encode(),
        "half chunk": f"POST /api/v1/instances HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{".encode(),
        "HTTP/1.0": b"GET /health/live HTTP/1.0\r\n\r\n",
        "close": b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n" * 2,
    }
    for name, request in requests.items():
        client = connect(port)
        client.sendall(request)
        if name not in ("HTTP/1.0", "close"):
            client.shutdown(socket.SHUT_WR)
        data, closed = read_reply(client, 4)
        client.close()
        seen[name] = {"status": status_of(data), "closed": closed, "replies": replies_in(data)}
    return seen


def expectations(port, token):
    """A client that waits to be asked for its body."""
    seen = {}
    for name, sender, length in [("known", token, 2), ("stranger", "reeve", 2), ("large", token, 1 << 40)]:
        client = connect(port)
        client.sendall(
            f"POST /api/v1/instances HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {sender}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        first = client.recv(65536)
        answer = {"first": status_of(first)}
        if answer["first"] == 100:
            client.sendall(b"{}")
            answer["second"] = status_of(client.recv(65536))
        client.close()
        seen[name] = answer
    return seen


def full(port, token):
    """More requests under way than there are connections: the next is told so, and the one after they end is served."""
    head = (
        "POST /api/v1/instances HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: 1000000\r\n\r\n{{"
    ).encode()
    clients = crowd(port, 20, head)
    time.sleep(0.5)
    client = connect(port)
    client.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
    refused, closed = read_reply(client, 4)
    for one in clients:
        one.close()
    time.sleep(0.5)
    return {
        "refused": status_of(refused), "closed": closed, "retry-after": b"retry-after: 1" in refused.lower(),
        "afterwards": ask(port, token),
    }


ATTACKS = {
    function.__name__.replace("_", "-"): function
    for function in [
        idle, slow_head, slow_body, endless_body, header_flood, pipelining, upgrade, tiny, wrong_tokens, malformed,
        half_closed, expectations, full,
    ]
}


def main(name, port, pid, token, other=None):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if name == "full":
        return print(json.dumps({"attack": name, "seen": full(port, token)}))
    for _ in range(5):
        ask(port, other or token)
    before = memory(pid)
    stop, results, heights = multiprocessing.Event(), multiprocessing.Queue(), multiprocessing.Queue()
    prober = multiprocessing.Process(target=probe, args=(port, other or token, stop, results))
    watcher = multiprocessing.Process(target=watch, args=(pid, stop, heights))
    prober.start()
    watcher.start()
    begun = time.monotonic()
    seen = ATTACKS[name](port, token)
    lasted = time.monotonic() - begun
    stop.set()
    latencies, failures = results.get(timeout=60)
    highest = heights.get(timeout=60)
    prober.join()
    watcher.join()
    latencies.sort()
    print(
        json.dumps(
            {
                "attack": name, "seconds": round(lasted, 1), "requests": len(latencies), "failures": failures[:5],
                "p50": latencies[len(latencies) // 2], "p99": latencies[int(len(latencies) * 0.99)],
                "slowest": latencies[-1], "before": round(before), "highest": round(highest), "limit": hard,
                "seen": seen,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:6])
