#!/bin/sh
# lighttpd is built with CMake; it drops its privileges to `nobody`, who exists.
set -eu
getent passwd nobody >/dev/null
command -v cmake >/dev/null || {
    echo 'cmake is not installed: lighttpd is built with it' >&2
    exit 1
}
