"""What the statements of the chat service did on each of ninety days, as `scale-advisor history export` writes it.

Usage: statements.py END > statements.jsonl, with END in Unix seconds. The same END gives the same bytes.
"""

import datetime as dt
import json
import random
import sys

DAYS = 90
SERVER = "127.0.0.1:15432/chat"
SIMULATED = "a fictional company; real servers with generated history and load"


def grown(day):
    """Users on a day of the ninety, as a share of those on the last one."""
    return (180 / 340) ** (1 - day / DAYS)


# Text, calls on a day, seconds each, the day on which it was first run.
STATEMENTS = [
    ("SELECT id, body FROM messages WHERE thread = $1 ORDER BY id DESC LIMIT $2",
     lambda day: 410_000 * grown(day), lambda day: 0.00045, 0),
    ("INSERT INTO messages (thread, body) VALUES ($1, $2)",
     lambda day: 205_000 * grown(day), lambda day: 0.00016, 0),
    # Without an index, it takes as long as there are messages.
    ("SELECT count(*) FROM messages WHERE body LIKE $1",
     lambda day: 26_000 * grown(day) ** 1.5, lambda day: 0.0768 * grown(day), 0),
    ("UPDATE threads SET read_at = $1 WHERE id = $2",
     lambda day: 96_000 * grown(day), lambda day: 0.0011, 44),
    ("DELETE FROM sessions WHERE expires_at < $1", lambda day: 1_440, lambda day: 0.0042, 0),
]


def main():
    end = dt.datetime.fromtimestamp(int(sys.argv[1]), dt.timezone.utc).date()
    chance = random.Random("statements")
    days = [end - dt.timedelta(days=DAYS - day) for day in range(DAYS)]
    weekend = [0.55 if date.weekday() > 4 else 1.0 for date in days]
    for number, (text, calls, seconds, first) in enumerate(STATEMENTS):
        did = []
        for day in range(first, DAYS):
            ran = round(calls(day) * weekend[day] * chance.uniform(0.97, 1.03))
            took = round(ran * seconds(day) * chance.uniform(0.98, 1.02), 3)
            did.append({"day": str(days[day]), "calls": float(ran), "seconds": took})
        name = {"server": SERVER, "role": 10, "database": 16384, "query": 1000 + number, "toplevel": True}
        print(json.dumps({"statement": {**name, "text": text, "days": did}, "simulated": SIMULATED}))
    counted = [{"day": str(day), "seconds": 86400.0, "resets": 0, "evictions": 0, "hidden": 0} for day in days]
    print(json.dumps({"counted": {"server": SERVER, "days": counted}, "simulated": SIMULATED}))


main()
