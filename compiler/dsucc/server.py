"""A compiler that is already there: `make` starts a hundred, and Python would start each anew.

The launcher (launch/dsucc.c) hands its command line, environment, working directory and standard
descriptors to this server over a socket of the user's own; a forked child does the work as if it
had been started by make. Nobody needs the server: without one the launcher runs the compiler
directly. The server ends when it has been idle, or when its socket is gone.

A request is the three descriptors with eight bytes: the length of what follows, which is fields
ended by NUL bytes: directory, file mode mask, number of arguments, arguments, environment.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import struct
import sys
from pathlib import Path

from . import cli

IDLE_SECONDS = 60
_CREDENTIALS = struct.Struct("3i")


def _receive(connection: socket.socket) -> tuple[list[bytes], list[int]]:
    """The fields of a request, and its descriptors."""
    head, descriptors, _, _ = socket.recv_fds(connection, 8, 3)
    size = int.from_bytes(head, "little")
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data.split(b"\0")[:-1], descriptors


def _become(fields: list[bytes], descriptors: list[int]) -> list[str]:
    """Takes over the requester's surroundings; gives its arguments."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(fields[0])
    os.umask(int(fields[1], 8))
    count = int(fields[2])
    os.environ.clear()
    for setting in fields[3 + count :]:
        name, _, value = setting.partition(b"=")
        if name:
            os.environb[name] = value
    return [os.fsdecode(a) for a in fields[3 : 3 + count]]


def _serve(connection: socket.socket) -> None:
    """In a child: one compilation."""
    code = 1
    try:
        fields, descriptors = _receive(connection)
        sys.argv = ["dsucc", *_become(fields, descriptors)]
        code = cli.main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        connection.send(bytes([code & 0xFF]))
        os._exit(0)


def _is_mine(connection: socket.socket) -> bool:
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return bool(_CREDENTIALS.unpack(raw)[1] == os.getuid())


def serve(path: Path) -> None:
    """Listens at `path` until idle; a second server for the same path ends at once."""
    listener = socket.socket(socket.AF_UNIX)
    waiting = path.with_suffix(f".{os.getpid()}")
    listener.bind(str(waiting))
    listener.listen(64)
    try:
        os.link(waiting, path)  # fails where another server was faster
    except FileExistsError:
        return
    finally:
        waiting.unlink()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.disable()  # a compilation is short, and a collection would copy the server's pages
    gc.freeze()
    while select.select([listener], [], [], IDLE_SECONDS)[0]:
        connection, _ = listener.accept()
        if _is_mine(connection) and os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            _serve(connection)
        connection.close()
        if not path.exists():
            return
    path.unlink(missing_ok=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
