"""Runs an order from its first session to the summary."""

from __future__ import annotations

import time
from typing import Any

import gevent
from hdrh.histogram import HdrHistogram
from locust.env import Environment

from dsuload.channel import Channel
from dsuload.floor import round_trip_us
from dsuload.plan import read_order
from dsuload.users import classes_for

PERCENTILES = (50.0, 90.0, 99.0, 99.9, 100.0)


def generate(descriptor: int) -> int:
    """Generate the load ordered over `descriptor`; return the process's exit code."""
    channel = Channel(descriptor)
    order = read_order(channel.receive_order())
    floor = round_trip_us()
    classes = classes_for(order, channel)
    environment = Environment(user_classes=classes, catch_exceptions=False)
    latencies = Latencies(environment)
    runner = environment.create_local_runner()
    users = sum(group.count for group in order.groups)
    wall, busy = time.perf_counter(), time.process_time()
    runner.start(users, spawn_rate=users)
    assert runner.spawning_greenlet is not None
    runner.spawning_greenlet.join()
    while runner.user_count:
        gevent.sleep(0.01)
    share = (time.process_time() - busy) / (time.perf_counter() - wall)
    total = runner.stats.total
    channel.emit(
        "summary",
        requests=total.num_requests,
        failures=total.num_failures,
        generator_floor_us=round(floor, 1),
        generator_share=round(share, 3),
        latencies_us=latencies.summary(),
    )
    runner.quit()
    return 0


class Latencies:
    """Every request in an HdrHistogram of its name; Locust's own figures are rounded."""

    def __init__(self, environment: Environment) -> None:
        self._histograms: dict[str, HdrHistogram] = {}
        environment.events.request.add_listener(self._record)  # type: ignore[no-untyped-call]

    def _record(self, name: str, response_time: float, **_: Any) -> None:
        known = self._histograms.setdefault(name, HdrHistogram(1, 3_600_000_000, 3))
        known.record_value(max(1, round(response_time * 1000)))

    def summary(self) -> dict[str, dict[str, float]]:
        """Percentiles in µs by request name."""
        return {
            name: {f"p{percent:g}": h.get_value_at_percentile(percent) for percent in PERCENTILES}
            for name, h in self._histograms.items()
        }
