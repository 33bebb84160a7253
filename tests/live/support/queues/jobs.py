"""Puts jobs into RQ in every state, and makes the oldest waiting one older."""

import datetime
import sys
import time

from redis import Redis
from rq import Queue, SimpleWorker
from rq.suspension import suspend

import jobs


def nap():
    time.sleep(0.2)


def fail():
    raise ValueError("as asked")


if __name__ == "__main__":
    connection = Redis(port=int(sys.argv[1]))
    queue = Queue("intent", connection=connection)
    for _ in range(3):
        queue.enqueue(jobs.nap)
    for _ in range(2):
        queue.enqueue(jobs.fail)
    SimpleWorker([queue], connection=connection).work(burst=True, logging_level="CRITICAL")
    oldest = queue.enqueue(jobs.nap)
    queue.enqueue(jobs.nap, depends_on=oldest)
    for _ in range(4):
        queue.enqueue(jobs.nap)
    queue.enqueue(jobs.nap, at_front=True)
    for _ in range(3):
        queue.enqueue_in(datetime.timedelta(hours=1), jobs.nap)
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=10)
    connection.hset(oldest.key, "enqueued_at", then.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    if sys.argv[2:] == ["suspend"]:
        suspend(connection)
