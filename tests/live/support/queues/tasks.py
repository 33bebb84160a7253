"""Sends tasks to Celery, or works on them when the celery program loads it."""

import json
import os
import sys
import time

from celery import Celery

app = Celery("tasks", broker=os.environ["BROKER"])


@app.task(name="tasks.sleep")
def sleep(seconds):
    time.sleep(seconds)


if __name__ == "__main__":
    # Each group: how many tasks, and how they are sent.
    for group in json.loads(sys.argv[1]):
        count = group.pop("count")
        for _ in range(count):
            sleep.apply_async((120,), **group)
