"""Load on a Redis server: cache.py PORT. Nineteen of twenty look-ups find their key. Runs until it is killed."""

import random
import socket
import sys
import time

KEYS = 130_000
CLIENTS = 45


def command(*parts):
    """A command in Redis' protocol."""
    text = f"*{len(parts)}\r\n" + "".join(f"${len(part)}\r\n{part}\r\n" for part in parts)
    return text.encode()


def look_up(client):
    """Asks for fifty keys at once and reads the answers."""
    keys = [random.randrange(KEYS) if random.random() < 0.95 else KEYS + random.randrange(KEYS) for _ in range(50)]
    client.sendall(b"".join(command("STRLEN", f"session:{key}") for key in keys))
    answers = b""
    while answers.count(b"\r\n") < len(keys):
        answers += client.recv(65_536)


def main():
    clients = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(CLIENTS)]
    while True:
        look_up(random.choice(clients))
        time.sleep(0.05)


if __name__ == "__main__":
    main()
