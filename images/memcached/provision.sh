#!/bin/sh
# memcached asks nothing of a machine: it drops its privileges to `nobody`, who exists.
set -eu
getent passwd nobody >/dev/null
