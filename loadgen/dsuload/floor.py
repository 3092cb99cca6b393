"""The generator's own floor: a round trip to a server that does nothing."""

from __future__ import annotations

import socket
import statistics
import time

from gevent.server import StreamServer

ROUNDS = 200


def round_trip_us() -> float:
    """Median round trip of one line to a null server in this process, in µs.

    Both ends run here, so it is an upper bound of what the generator adds.
    """
    server = StreamServer(("127.0.0.1", 0), _echo)
    server.start()
    try:
        with socket.create_connection(server.address, timeout=5) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return statistics.median(_once(client) for _ in range(ROUNDS))
    finally:
        server.stop()


def _once(client: socket.socket) -> float:
    started = time.perf_counter_ns()
    client.sendall(b"NOOP\r\n")
    client.recv(16)
    return (time.perf_counter_ns() - started) / 1e3


def _echo(connection: socket.socket, _address: object) -> None:
    while data := connection.recv(64):
        connection.sendall(data)
