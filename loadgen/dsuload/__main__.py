"""`python -m dsuload FD`: generate the load ordered over the inherited socket FD."""

from __future__ import annotations

import sys

import locust  # noqa: F401 - first: it patches what the imports below use

from dsuload.generate import generate

if __name__ == "__main__":
    sys.exit(generate(int(sys.argv[1])))
