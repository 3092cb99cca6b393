"""Which loops surely end, by their text."""

from __future__ import annotations

import pytest

from dsucc.loops import loops


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("{ for (i = 0; i < n; i++) s += i; }", [True]),
        ("{ for (i = 0; i < n; i += 2) { s += i; } }", [True]),
        ("{ for (i = n; i > 0; --i) s += a[i]; }", [True]),
        ("{ for (i = 0; i < n; i++) n++; }", [False]),
        ("{ for (i = 0; i < n; i++) i -= 1; }", [False]),
        ("{ for (i = 0; i < n; i++) p = &n; }", [False]),
        ("{ for (i = 0; i < n; i++) other(); }", [False]),
        ("{ for (i = 0; i < n; i--) s++; }", [False]),
        ("{ for (u = n; u >= 0; u--) s++; }", [False]),
        ("{ for (i = 0; i < strlen(s); i++) t++; }", [False]),
        ("{ for (p = l; p; p = p->next) s++; }", [False]),
        ("{ for (;;) s++; }", [False]),
        ("{ while (*p) p++; }", [False]),
        ("{ do { s++; } while (0); t++; while (t) t--; }", [True, False]),
        ("{ do s++; while (s < 3); }", [False]),
        ("{ for (i = 0; i < n; i++) if (a[i]) { s++; } else t++; n++; }", [True]),
        ("{ for (i = 0; i < n; i++) for (k = 0; k < m; k++) while (x) f; }", [True, True, False]),
    ],
)  # fmt: skip
def test_which_loops_surely_end(text: str, ends: list[bool]) -> None:
    assert [loop.surely_ends for loop in loops(text)] == ends


def test_where_a_loop_ends() -> None:
    text = "{ do s++; while (s < f(3)); while (s) if (t) { s--; } else t--; r++; }"
    assert [text[loop.at : loop.end] for loop in loops(text)] == [
        "do s++; while (s < f(3))", "while (s) if (t) { s--; } else t--;",
    ]  # fmt: skip
