"""Turns fresh mount and PID namespaces into a world; then becomes its agent.

Run as the first process of the namespaces, with its orders as JSON on standard
input: {"mounts": [[source, target, writable], …], "core": n, "socket": path}.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

WORK = Path("/mnt")
"""Covered by a tmpfs in this namespace only; every Linux machine has it."""

SHARED = ("/dev", "/sys")


def mount(*arguments: str) -> None:
    """Mount, or die: nothing of a half-made world may be used."""
    subprocess.run(["mount", *arguments], check=True)


def build_root(root: Path) -> None:
    """An overlay of the machine's root, with kernel file systems of its own."""
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(WORK))
    for name in ("upper", "work", "root"):
        (WORK / name).mkdir()
    layers = f"lowerdir=/,upperdir={WORK}/upper,workdir={WORK}/work"
    mount("-t", "overlay", "-o", layers, "overlay", str(root))
    mount("-t", "proc", "proc", f"{root}/proc")
    for shared in SHARED:
        mount("--rbind", shared, f"{root}{shared}")
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", f"{root}/run")
    mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", f"{root}/tmp")


def attach(root: Path, source: str, target: str, *, writable: bool) -> None:
    """Let the world see a folder of the machine."""
    place = Path(f"{root}{target}")
    place.mkdir(parents=True, exist_ok=True)
    mount("--bind", source, str(place))
    if not writable:
        mount("-o", "remount,bind,ro", str(place))


def main() -> None:
    """Make the world and become its agent."""
    orders = json.load(sys.stdin)
    os.sched_setaffinity(0, {orders["core"]})
    root = WORK / "root"
    build_root(root)
    for source, target, writable in orders["mounts"]:
        attach(root, source, target, writable=writable)
    os.chroot(root)
    os.chdir("/")
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    agent = ["python3", "-I", "/dsu/agent/agent.py", orders["socket"]]
    os.execvpe(agent[0], agent, {**environment, "HOME": "/root", "LC_ALL": "C.UTF-8"})


if __name__ == "__main__":
    main()
