"""lighttpd with its modules built in, a parent and two workers, serving files and taking them.

Modules are part of the program here, as in lighttpd's own static build: what it loads by
`dlopen()` could not be patched.
"""

from __future__ import annotations

import http.client
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..errors import StepTimedOut
from ..subject import Group, Mutation, Recipe, Running

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..backend.world import World
    from ..scenario import Sessions

PATIENCE = 10.0
"""Seconds until a started server must answer."""

ROOT = "/srv/www"
UPLOADS = "/up"
CONFIGURATION = "/etc/dsu-lighttpd.conf"

MODULES = (
    *("rewrite", "redirect", "access", "alias", "setenv", "expire", "simple_vhost", "evhost"),
    *("indexfile", "dirlisting", "webdav", "accesslog", "staticfile"),
)

OUT = "out"

# No session is to end because it was silent, held at a byte, or asked much.
SETTINGS = """
server.document-root = "{root}"
server.port = {port}
server.username = "nobody"
server.max-worker = {workers}
server.upload-dirs = ( "/var/tmp" )
server.max-keep-alive-idle = 600
server.max-keep-alive-requests = 65535
server.max-read-idle = 600
server.max-write-idle = 600
server.modules = ( {modules} )
server.http-parseopts = (
  "url-normalize" => "enable", "url-normalize-required" => "enable",
  "url-path-2f-decode" => "enable", "url-path-dotseg-remove" => "enable"
)
index-file.names = ( "index.html" )
mimetype.assign = ( ".html" => "text/html", "" => "application/octet-stream" )
setenv.add-response-header = ( "X-Served-For" => "the harness" )
expire.url = ( "/" => "access plus 2 hours" )
alias.url = ( "/other/" => "{root}/pub/" )
dir-listing.activate = "enable"
accesslog.filename = "/var/tmp/lighttpd-access.log"
$HTTP["url"] =^ "{uploads}/" {{ webdav.activate = "enable" }}
"""


class Lighttpd:
    """The subject; see the module."""

    name = "lighttpd"
    image = "lighttpd"
    protocol = "http"
    port = 80
    options: Mapping[str, type] = MappingProxyType({"workers": int})
    mutations: Mapping[str, Mutation] = MappingProxyType({})

    def recipe(self, compiler: str, version: str) -> Recipe:  # noqa: ARG002 - one for all
        """CMake's static build, as INSTALL describes it: a header lists the modules."""
        listed = "".join(f"PLUGIN_INIT(mod_{name})\\n" for name in MODULES)
        without = ("-DWITH_PCRE2=OFF", "-DWITH_PCRE=OFF", "-DWITH_LUA=OFF")
        release = ("-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_C_FLAGS_RELEASE=-O2")
        chosen = (f"-DCMAKE_C_COMPILER={compiler}", "-DBUILD_STATIC=ON", *without, *release)
        return Recipe(
            commands=(
                ("sh", "-c", f"printf '{listed}' > src/plugin-static.h"),
                ("cmake", "-S", ".", "-B", OUT, *chosen),
                ("make", "-C", OUT, "lighttpd"),
            ),
            product=f"{OUT}/build/lighttpd",
        )

    def prepare(self, world: World, name: str, sessions: Sessions, seed: int) -> Group:
        """Files to get, one for questions, and a folder that `nobody` may put files into."""
        folders = f"mkdir -p {ROOT}/pub {ROOT}{UPLOADS} && chown nobody: {ROOT}{UPLOADS}"
        script = f"{folders} && echo known > {ROOT}/pub/known"
        world.run(["sh", "-c", script]).or_fail("making the folders")
        if sessions.does == "store":
            return Group(tuple(f"{UPLOADS}/{name}-{i}" for i in range(sessions.count)), (("", ""),))
        path = f"/pub/{name}"
        filled = world.ask(
            "fill", path=f"{ROOT}{path}", size=sessions.size, seed=f"{seed}/{name}", text=False
        )
        return Group((path,), (("", ""),), filled["sha256"])

    def start(self, world: World, program: str, options: dict[str, Any]) -> Running:
        """Start it, and wait for an answer."""
        text = SETTINGS.format(
            root=ROOT,
            port=world.port,
            workers=options.get("workers", 2),
            uploads=UPLOADS,
            modules=", ".join(f'"mod_{name}"' for name in MODULES),
        )
        world.ask("write", path=CONFIGURATION, text=text, mode=0o600)
        argv = [program, "-D", "-f", CONFIGURATION]
        log = "/dsu/control/lighttpd.log"
        pid = world.ask("spawn", argv=argv, env={}, cwd="/", log=log)["pid"]
        self._await_answer(world, pid)
        return Running(pid=pid, log="lighttpd.log")

    def _await_answer(self, world: World, pid: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and world.ask("poll", pid=pid)["code"] is None:
            client = http.client.HTTPConnection(world.host, world.port, timeout=1)
            try:
                client.request("HEAD", "/")
                client.getresponse().read()
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
            else:
                return
            finally:
                client.close()
        log = (world.control / "lighttpd.log").read_text(errors="replace")
        state = f"exit code {world.ask('poll', pid=pid)['code']}\n{log}{world.state()}"
        raise StepTimedOut("lighttpd's first answer", PATIENCE, state)

    def stored(self, world: World, path: str) -> dict[str, Any]:
        """What arrived in the folder for uploads."""
        return world.ask("sha256", path=f"{ROOT}{path}")


SUBJECT = Lighttpd()
