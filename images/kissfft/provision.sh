#!/bin/sh
# KissFFT's benchmark is a plain program; its instruction counts need valgrind.
set -eu
command -v valgrind >/dev/null || {
    echo 'valgrind is not installed: the instruction counts need it' >&2
    exit 1
}
