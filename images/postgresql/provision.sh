#!/bin/sh
# What PostgreSQL asks of a machine: somebody to run as, who is not root.
set -eu
getent passwd postgres >/dev/null ||
    useradd --system --user-group --no-create-home --home-dir /var/tmp --shell /bin/sh postgres
command -v valgrind >/dev/null || {
    echo 'valgrind is not installed: the instruction counts need it' >&2
    exit 1
}
