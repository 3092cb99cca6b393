"""vsFTPd, standalone, with its stock settings.

Stock means: two-process privilege separation, sessions in chroot and in PID and
network namespaces of their own, and the seccomp sandbox on.  Tried with the
plain gcc build under glibc 2.36: all of it works, so none of it is turned off.

**Killed brokers are vsFTPd's own doing.** After a login, a session's privileged
parent (`postprivparent.c`) becomes a broker under a filter of its own, which
`seccomp_sandbox_setup_postlogin_broker()` makes without `alarm`. Its handler of
SIGCHLD (`twoprocess.c`, `vsf_sysutil_common_sighandler()`) calls `alarm(1)`. So when
the session's process ends, its broker ends either by the end of file on their
socket or, if the signal comes first, by the filter: the kernel's log then has
`sig=31 syscall=37`, user 65534.  Plain gcc builds show it with one or two sessions
already (nine of fourteen versions did in one run of vsftpd-13, in which nothing
is updated; it is a race).  The session is over by then and no client notices.
Updates do not come into it: a living session's broker would be missed by
`same-processes`.
"""

from __future__ import annotations

import socket
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..errors import StepTimedOut
from ..subject import Group, Mutation, Recipe, Running

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..backend.world import World
    from ..scenario import Sessions

ANONYMOUS = ("anonymous", "harness@example.invalid")
VISITOR = ("visitor", "visitor")
CONFIGURATION = "/etc/dsu-vsftpd.conf"

BUILT_IN = (
    "VSF_BUILDDEFS_H",
    "VSF_BUILD_PAM",
    "VSF_BUILD_SSL",
    # vsFTPd 3.0.5 calls what OpenSSL 3 calls deprecated, and its Makefile has -Werror.
    "OPENSSL_SUPPRESS_DEPRECATED",
)

# What Debian's patches 0050 and 0070 warn of; Debian builds without -Werror.
TOLERATED = ("-Wno-error=discarded-qualifiers", "-Wno-error=unused-value")

CERTIFICATE = "/etc/dsu-vsftpd.pem"
MAKE_CERTIFICATE = (
    *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-batch"),
    *("-subj", "/CN=harness", "-keyout", CERTIFICATE, "-out", CERTIFICATE),
)
TLS_SETTINGS = {
    "rsa_cert_file": CERTIFICATE,
    "allow_anon_ssl": "YES",
    # Those who come without TLS are served as before.
    "force_local_data_ssl": "NO",
    "force_local_logins_ssl": "NO",
}

SECURE_CHROOT = "/run/vsftpd/empty"
"""Where Debian's 0002-config.patch has the compiled-in secure_chroot_dir; its unit makes it."""

PATIENCE = 10.0
"""Seconds until a started server must take connections."""

SETTINGS = {
    # How it is started: standalone; what it does not do by itself is leave the foreground,
    # and the earliest versions do not know the option.
    "listen": "YES",
    # Whom it serves.  Everything else is as compiled in.
    "anonymous_enable": "YES",
    "local_enable": "YES",
    "write_enable": "YES",
    "chroot_local_user": "YES",
    "pam_service_name": "vsftpd",
}


_ENDS = "says on the control connection why this process ends, and ends it"

NEVER = {"die": _ENDS, "die2": _ENDS, "bug": _ENDS}
"""Nearly everything can end in one of these; a process that does needs no update any more."""


# A transfer that has begun in the new version is known to it, one that it has taken over is not.
_BEGUN = r"/^do_file_recv(.*)$/,/^}/ { s/^  int prev_cr = 0;/&\n  static int known; known = 1;/;"
_LOSE = "    if (!known) vsf_sysutil_close_failok(p_sess->data_fd);"
_FOUND = r" s/^    ret_struct.transferred += num_to_write;/&\n" + _LOSE + "/ }"

MUTATIONS = {
    "lost-descriptor": Mutation(
        does="an upload that the new version takes over loses its socket",
        edits={"ftpdataio.c": _BEGUN + _FOUND},
    ),
    "stall": Mutation(
        does="a table of who is connected takes a fifth of a second to convert",
        edits={"hash.c": "s/^  unsigned int buckets;/  unsigned int stalled;\\n&/"},
        mapping={
            "types": {
                "struct hash": {
                    "transform": "for (volatile unsigned long i = 0; i < 100000000; i++) { }"
                }
            }
        },
    ),
    "dropped-field": Mutation(
        does="tables of who is connected forget how many buckets they have",
        edits={"hash.c": "s/buckets/bucket_count/g"},
        mapping={"types": {"struct hash": {"fields": {"bucket_count": "1"}}}},
    ),
}


class Vsftpd:
    """The subject; see the module."""

    name = "vsftpd"
    image = "vsftpd"
    protocol = "ftp"
    port = 21
    options: Mapping[str, type] = MappingProxyType(
        {
            "seccomp-sandbox": bool,
            "isolate": bool,
            "isolate-network": bool,
            "ascii-upload-enable": bool,
            "ascii-download-enable": bool,
            "ssl-enable": bool,
        }
    )
    mutations: Mapping[str, Mutation] = MappingProxyType(MUTATIONS)

    def recipe(self, compiler: str, version: str) -> Recipe:  # noqa: ARG002 - one for all
        """VsFTPd's own Makefile; its variables say what its library script misses.

        `vsf_findlibs.sh` looks for libcap in folders that multiarch systems do
        not have, and `LINK` would strip what a patch refers to.  What is built in
        stands in a header, builddefs.h, that whoever builds vsFTPd edits; defining
        its guard instead leaves the file alone.  TLS is built in, as Debian has it.
        """
        cc = " ".join([compiler, *(f"-D{name}" for name in BUILT_IN), *TOLERATED])
        make = ("make", f"CC={cc}", "LINK=", "LIBS=-lpam -lcap -lssl -lcrypto", "vsftpd")
        return Recipe(commands=(make,), product="vsftpd", never=NEVER)

    def prepare(self, world: World, name: str, sessions: Sessions, seed: int) -> Group:
        """Files to fetch belong to the anonymous tree, stored ones to a chrooted user."""
        if sessions.does == "store":
            self._upload_folder(world)
            paths = tuple(f"/files/{name}-{i}" for i in range(sessions.count))
            return Group(paths, (VISITOR,))
        path = f"/pub/{name}"
        filled = world.ask(
            "fill",
            path=f"/srv/ftp{path}",
            size=sessions.size,
            seed=f"{seed}/{name}",
            text=sessions.type == "ascii",
        )
        if sessions.does == "idle":
            self._upload_folder(world)
            return Group((path,), (ANONYMOUS, VISITOR), filled["sha256"])
        return Group((path,), (ANONYMOUS,), filled["sha256"])

    def _upload_folder(self, world: World) -> None:
        # The chroot itself must not be writable to the user; vsFTPd refuses that.
        script = "mkdir -p /srv/visitor/files && chown visitor: /srv/visitor/files"
        world.run(["sh", "-c", script]).or_fail("making the upload folder")

    def start(self, world: World, program: str, options: dict[str, Any]) -> Running:
        """Start the listener and wait for its greeting."""
        world.run(["mkdir", "-p", SECURE_CHROOT]).or_fail("making the empty folder")
        settings = dict(SETTINGS, listen_port=str(world.port))
        for option, value in options.items():
            settings[option.replace("-", "_")] = "YES" if value else "NO"
        if options.get("ssl-enable"):
            settings |= TLS_SETTINGS
            world.run(list(MAKE_CERTIFICATE)).or_fail("making a certificate")
        text = "".join(f"{key}={value}\n" for key, value in settings.items())
        world.ask("write", path=CONFIGURATION, text=text, mode=0o600)
        log = "/dsu/control/vsftpd.log"
        pid = world.ask("spawn", argv=[program, CONFIGURATION], env={}, cwd="/", log=log)["pid"]
        self._await_greeting(world, pid)
        return Running(pid=pid, log="vsftpd.log")

    def _await_greeting(self, world: World, pid: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            code = world.ask("poll", pid=pid)["code"]
            if code is not None:
                break
            try:
                with socket.create_connection((world.host, world.port), timeout=1) as probe:
                    if probe.recv(3) == b"220":
                        return
            except OSError:
                time.sleep(0.02)
        log = (world.control / "vsftpd.log").read_text(errors="replace")
        state = f"exit code {world.ask('poll', pid=pid)['code']}\n{log}{world.state()}"
        raise StepTimedOut("vsftpd's greeting", PATIENCE, state)

    def stored(self, world: World, path: str) -> dict[str, Any]:
        """What arrived below the chrooted user's home."""
        return world.ask("sha256", path=f"/srv/visitor{path}")


SUBJECT = Vsftpd()
