"""Ninety days of a chat service that grows, as OpenMetrics text for `promtool tsdb create-blocks-from`.

Usage: history.py END > history.om, with END in Unix seconds. The hour before END is the busy hour of a Friday,
whenever that is, so that servers under load at END agree with the history. The same END gives the same bytes.
"""

import math
import random
import sys

DAY = 86_400
MINUTE = 60
DAYS = 90
FINE_DAYS = 2  # with a sample a minute; one in five minutes before
USABLE = 97  # connections: 100 less 3 reserved

# Jobs for each user and minute.
QUEUES = {"chat": 3.0, "intent": 2.0, "model": 0.8, "retrieval": 1.1}
# Upper bounds of express-prom-bundle's buckets.
BOUNDS = [0.003, 0.03, 0.1, 0.2, 0.3, 0.5, 1.5, 10]


class Noise:
    """A value around 1 that wanders, with a memory of about twenty minutes."""

    def __init__(self, name, spread):
        self.random = random.Random(name)
        self.spread = spread
        self.state = 0.0

    def step(self, seconds):
        kept = math.exp(-seconds / 1200)
        self.state = self.state * kept + self.random.gauss(0, 1) * math.sqrt(1 - kept * kept)
        return 1 + self.spread * self.state


class Company:
    """What is going on at one instant after another."""

    def __init__(self, end):
        self.end = end
        self.users_noise = Noise("users", 0.012)
        self.noises = {name: Noise(name, 0.04) for name in ["cpu", "latency", "memory", "redis", "queue"]}
        self.waiting = dict.fromkeys(QUEUES, 0.0)

    def at(self, at, step):
        """The state at an instant, `step` seconds after the one before."""
        ago = self.end - 1800 - at  # the middle of the busy hour
        growth = (180 / 340) ** (max(ago, 0) / (DAYS * DAY))
        rhythm = 0.22 + 0.78 * ((1 + math.cos(2 * math.pi * ago / DAY)) / 2) ** 1.4
        weekend = 0.55 if int((ago + DAY / 2) // DAY) % 7 in (5, 6) else 1.0
        users = round(346 * growth * rhythm * weekend * self.users_noise.step(step))
        noise = {name: noise.step(step) for name, noise in self.noises.items()}
        load = users / 340
        return {"users": users, "load": load, "noise": noise, "waiting": self.queues(users, step, noise)}

    def queues(self, users, step, noise):
        """Waiting jobs: the workers of the intent queue keep up with 318 users, the others with many more."""
        for name in QUEUES:
            keeps_up_with = 318 if name == "intent" else 600
            target = 2 * users / keeps_up_with * noise["queue"] + 9 * max(0, users - keeps_up_with)
            self.waiting[name] += (target - self.waiting[name]) * (1 - math.exp(-step / 900))
        return {name: round(count) for name, count in self.waiting.items()}


def buckets(load):
    """The share of requests up to each bound: the busier, the slower."""
    middle = 0.040 * (1 + 0.75 * load**3)
    below = [0.5 * (1 + math.erf(math.log(bound / middle) / (0.55 * math.sqrt(2)))) for bound in BOUNDS]
    return list(zip(map(str, BOUNDS), below)) + [("+Inf", 1.0)]


def application(state):
    """The application's own metrics: gauges by name and labels, and counters by what they gain in a second."""
    app = 'instance="app-1:3005",job="app"'
    load, noise = state["load"], state["noise"]
    gauges = {
        f"websocket_active_connections{{{app}}}": state["users"],
        f'nodejs_version_info{{{app},version="v20.19.0"}}': 1,
        f"nodejs_eventloop_lag_p99_seconds{{{app}}}": (0.011 + 0.03 * load**3) * noise["latency"],
        f"nodejs_heap_size_used_bytes{{{app}}}": (210e6 + 260e6 * load) * noise["memory"],
        f"nodejs_heap_size_total_bytes{{{app}}}": 640e6,
        f"worker_jobs_running{{{app}}}": min(round(16 * load**0.8 * 0.86 * noise["queue"]), 16),
        f"worker_places{{{app}}}": 16,
    }
    requests = state["users"] * 10 / 60
    counters = {f"process_cpu_seconds_total{{{app}}}": (0.06 + 0.5 * load) * noise["cpu"]}
    for code, share in {"200": 0.9968, "404": 0.002, "500": 0.0012}.items():
        labels = f'{app},method="POST",path="/api/chat",status_code="{code}"'
        for bound, below in buckets(load * noise["latency"]):
            counters[f'http_request_duration_seconds_bucket{{{labels},le="{bound}"}}'] = requests * share * below
        counters[f"http_request_duration_seconds_count{{{labels}}}"] = requests * share
        counters[f"http_request_duration_seconds_sum{{{labels}}}"] = requests * share * 0.06
    for name, rate in QUEUES.items():
        queue = f'queue="{name}",job="workers"'
        gauges[f'bullmq_job_count{{{queue},state="waiting"}}'] = state["waiting"][name]
        gauges[f'bullmq_job_count{{{queue},state="active"}}'] = min(round(4 * load), 4)
        gauges[f'bullmq_job_count{{{queue},state="failed"}}'] = 12
        counters[f"bullmq_job_failed_total{{{queue}}}"] = state["users"] * rate / 60 * 0.0004
    return gauges, counters


def hosts(state):
    """node_exporter on the application's and on the database's machine."""
    gauges, counters = {}, {}
    load, noise = state["load"], state["noise"]
    filled = 1 - max(state["ago"], 0) / (DAYS * DAY)
    for name, cpu, memory, disk in [
        ("app-1:9100", 0.07 + 0.49 * load, 0.46 + 0.25 * load, 0.31 + 0.06 * filled),
        ("db-1:9100", 0.05 + 0.37 * load, 0.62 + 0.06 * load, 0.38 + 0.20 * filled),
    ]:
        host = f'instance="{name}"'
        busy = min(cpu * noise["cpu"], 0.97)
        for core in range(4):
            for mode, share in {"user": busy * 0.8, "system": busy * 0.2, "iowait": 0.01, "idle": 0.99 - busy}.items():
                counters[f'node_cpu_seconds_total{{{host},cpu="{core}",mode="{mode}"}}'] = share
        root = f'{host},device="/dev/vda1",fstype="ext4",mountpoint="/"'
        gauges[f"node_memory_MemTotal_bytes{{{host}}}"] = 16 * 2**30
        gauges[f"node_memory_MemAvailable_bytes{{{host}}}"] = 16 * 2**30 * (1 - memory * noise["memory"] ** 0.3)
        gauges[f"node_filesystem_size_bytes{{{root}}}"] = 160 * 2**30
        gauges[f"node_filesystem_free_bytes{{{root}}}"] = 160 * 2**30 * (1 - disk)
        gauges[f"node_filesystem_avail_bytes{{{root}}}"] = 160 * 2**30 * (1 - disk)
        counters[f'node_disk_io_time_seconds_total{{{host},device="vda"}}'] = 0.04 + 0.22 * load
        for way, rate in {"receive": 3e4, "transmit": 9e4}.items():
            counters[f'node_network_{way}_bytes_total{{{host},device="eth0"}}'] = rate * (1 + state["users"])
    return gauges, counters


def postgres(state):
    """postgres_exporter: connections follow the users, because every user's process keeps its own."""
    load, noise = state["load"], state["noise"]
    server = 'instance="db-1:9187"'
    used = min(round(4 + 0.25 * state["users"]), USABLE)
    active = max(1, round(used * 0.08 * noise["cpu"]))
    chat = f'{server},datname="chat"'
    client = 'backend_type="client backend"'
    gauges = {
        f'pg_stat_activity_count{{{chat},{client},state="active"}}': active,
        f'pg_stat_activity_count{{{chat},{client},state="idle"}}': used - active,
        f'pg_stat_activity_count{{{chat},{client},state="idle in transaction"}}': 0,
        f'pg_stat_activity_max_tx_duration{{{chat},{client},state="active"}}': 0.2 + 1.5 * load,
        f"pg_settings_max_connections{{{server}}}": USABLE + 3,
        f"pg_settings_superuser_reserved_connections{{{server}}}": 3,
        f"pg_database_size_bytes{{{chat}}}": 21e9 - 90e3 * max(state["ago"], 0) / 60,
    }
    counters = {
        f"pg_stat_database_blks_hit{{{chat}}}": 9000 * load,
        f"pg_stat_database_blks_read{{{chat}}}": 55 * load * noise["redis"],
        f"pg_stat_database_deadlocks{{{chat}}}": 0,
        f"pg_stat_database_temp_bytes{{{chat}}}": 2e4 * load,
    }
    return gauges, counters


def redis(state):
    """redis_exporter on the store of sessions, cache and queues."""
    load, noise = state["load"], state["noise"]
    server = 'instance="redis-1:9121"'
    gauges = {
        f"redis_memory_used_bytes{{{server}}}": 256 * 2**20 * (0.47 + 0.13 * load),
        f"redis_memory_max_bytes{{{server}}}": 256 * 2**20,
        f"redis_connected_clients{{{server}}}": round(12 + 0.1 * state["users"]),
        f"redis_config_maxclients{{{server}}}": 10_000,
        f"redis_blocked_clients{{{server}}}": 4,
    }
    counters = {
        f"redis_keyspace_hits_total{{{server}}}": 940 * load * noise["redis"],
        f"redis_keyspace_misses_total{{{server}}}": 48 * load,
        f"redis_evicted_keys_total{{{server}}}": 0,
        f"redis_rejected_connections_total{{{server}}}": 0,
        f"redis_commands_processed_total{{{server}}}": 1900 * load,
    }
    return gauges, counters


def instants(end):
    """Instants with the seconds since the one before."""
    fine = end - FINE_DAYS * DAY
    yield from ((at, 5 * MINUTE) for at in range(end - DAYS * DAY, fine, 5 * MINUTE))
    yield from ((at, MINUTE) for at in range(fine, end + 1, MINUTE))


def main():
    end = int(sys.argv[1]) // MINUTE * MINUTE
    company = Company(end)
    lines, totals = {}, {}
    for at, step in instants(end):
        state = {**company.at(at, step), "ago": end - at}
        for part in [application, hosts, postgres, redis]:
            gauges, counters = part(state)
            for series, value in gauges.items():
                lines.setdefault(series, []).append(f"{series} {value:.6g} {at}\n")
            for series, rate in counters.items():
                totals[series] = totals.get(series, 0.0) + rate * step
                lines.setdefault(series, []).append(f"{series} {totals[series]:.3f} {at}\n")
    # The format wants the series of a metric side by side.
    for series in sorted(lines, key=lambda series: series.partition("{")):
        sys.stdout.writelines(lines[series])
    sys.stdout.write("# EOF\n")


if __name__ == "__main__":
    main()
