"""Type declarations changed at random: every member that both versions have keeps its value.

A program has objects of each type in a variable, in a static one of a function, in an array, in a
list on the heap, in a frame and as a parameter, all with pointers into each other and themselves,
to functions and to objects of a second type, which point back and go on behind their end; inside of
each lie some of a third type, which point to each other and to what they lie in. It prints
all of them before and after the update; what is new is zero, what both have is as it was,
enumerators go by their names, and every pointer leads where it led. The same after a revert, where
there is a way back, and after another update. Then it takes its list apart, which frees blocks that
the updates have made.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import toolchain
from tests.patch.test_cases import HERE, controllable, converse, dsuctl, dsupatch, running
from tests.toolchain import MODES

WIDENS = {
    "signed char": ("short", "int", "long"),
    "unsigned char": ("int", "unsigned short", "double"),
    "short": ("int", "long", "double"),
    "int": ("long", "long long", "double"),
    "long": ("long long", "int"),
    "float": ("double",),
    "double": ("float",),
}
ADDED = "unsigned long long"  # never taken away, so that nothing may be another's new name
EXAMPLES = int(os.environ.get("DSU_EXAMPLES", "6"))


@dataclass(frozen=True)
class Member:
    """`kind`: number, bits, array, grid, struct, anonymous, union or fixed: in every version."""

    name: str
    kind: str
    type: str = ""
    size: int = 0
    inside: tuple[Member, ...] = ()

    def declaration(self) -> str:
        if self.kind == "bits":
            return f"{self.type} {self.name} : {self.size};"
        if self.kind == "array":
            return f"{self.type} {self.name}[{self.size}];"
        if self.kind == "grid":
            return f"{self.type} {self.name}[2][{self.size}];"
        if self.kind in ("struct", "anonymous", "union"):
            body = " ".join(m.declaration() for m in self.inside)
            bound = f"[{self.size}]" if self.size else ""
            word, name = ("union" if self.kind == "union" else "struct"), self.name
            return f"{word} {{ {body} }} {'' if self.kind == 'anonymous' else name}{bound};"
        return f"{self.type} {self.name};"

    def leaves(self, prefix: str = "") -> list[str]:
        """Every number in it, as C has it."""
        path = prefix + self.name
        if self.kind == "array":
            return [f"{path}[{i}]" for i in range(self.size)]
        if self.kind == "grid":
            return [f"{path}[{i}][{k}]" for i in range(2) for k in range(self.size)]
        if self.kind == "anonymous":
            return [p for m in self.inside for p in m.leaves(prefix)]
        if self.kind == "union":
            return [f"{path}.{self.inside[0].name}"]
        if self.kind == "struct":
            at = [f"{path}[{i}]." for i in range(self.size)] if self.size else [f"{path}."]
            return [p for a in at for m in self.inside for p in m.leaves(a)]
        return [path] if self.kind in ("number", "bits") else []


@dataclass(frozen=True)
class Version:
    """A type, the names of the enumeration that it has a member of, the type that it points to."""

    body: tuple[Member, ...]
    colours: tuple[str, ...]
    row: tuple[Member, ...]
    tail: str  # what each element behind the row's end is
    part: tuple[Member, ...] = ()  # what lies in it three times
    local: str = "int"  # of a variable that no address is taken of


Pair = tuple[Version, Version]

FIXED = (
    Member("next", "fixed", "struct TAG *"),
    Member("self", "fixed", "struct TAG *"),
    Member("inside", "fixed", "char *"),
    Member("end", "fixed", "char *"),
    Member("colour", "fixed", "enum TAG_colour"),
    Member("call", "fixed", "TAG_call *"),
    Member("row", "fixed", "TAG_row *"),
    Member("any", "fixed", "void *"),
    Member("at", "fixed", "struct TAG **"),
    Member("parts[3]", "fixed", "struct TAG_part"),
    Member("part", "fixed", "struct TAG_part *"),
    Member("last", "fixed", "struct TAG_part *"),
)
OF_PART = (
    Member("whole", "fixed", "struct TAG *"),
    Member("peer", "fixed", "struct TAG_part *"),
    Member("me", "fixed", "struct TAG_part **"),
)
OF_ROW = (Member("owner", "fixed", "struct TAG *"), Member("count", "fixed", "int"))
COLOURS = ("red", "green", "blue")
MARK = Member("mark", "array", "char", 5)


@st.composite
def members(draw: st.DrawFn, name: str, depth: int) -> Member:
    kind = draw(
        st.sampled_from(
            ["number"] * 3 + ["bits", "array", "grid", "union"] + ["struct", "anonymous"] * depth
        )
    )
    if kind == "bits":
        return Member(
            name, kind, draw(st.sampled_from(["unsigned", "int"])), draw(st.integers(8, 20))
        )
    if kind in ("number", "array", "grid"):
        size = draw(st.integers(1, 4)) if kind != "number" else 0
        return Member(name, kind, draw(st.sampled_from(sorted(WIDENS))), size)
    count = draw(st.integers(1, 3))
    if kind == "union":
        kinds = [draw(st.sampled_from(sorted(WIDENS))) for _ in range(count)]
        return Member(
            name,
            kind,
            inside=tuple(Member(f"{name}_{i}", "number", t) for i, t in enumerate(kinds)),
        )
    inside = tuple(draw(members(f"{name}_{i}", depth - 1)) for i in range(count))
    size = draw(st.integers(0, 3)) if kind == "struct" else 0
    return Member(name, kind, "", size, inside)


@st.composite
def changed(draw: st.DrawFn, before: tuple[Member, ...], name: str) -> tuple[Member, ...]:
    """Some taken away, some added, some of another type or size, all in another order."""
    out = []
    for m in before:
        fate = draw(st.sampled_from(["keep"] * 3 + ["change", "drop"]))
        if fate == "drop" and m.kind not in ("fixed", "anonymous") and m is not MARK:
            continue
        out.append(draw(another(m)) if fate == "change" else m)
    out += [Member(f"{name}_new{i}", "number", ADDED) for i in range(draw(st.integers(0, 2)))]
    if draw(st.booleans()):
        out = draw(st.permutations(out))
    return tuple(out) or (Member(f"{name}_new", "number", ADDED),)


@st.composite
def another(draw: st.DrawFn, m: Member) -> Member:
    if m.kind == "number":
        return replace(m, type=draw(st.sampled_from(WIDENS.get(m.type, (m.type,)))))
    if m.kind == "bits":
        return replace(m, size=draw(st.integers(8, 24)))
    if m.kind in ("array", "grid"):
        least = 5 if m is MARK else 1
        kind = draw(st.sampled_from(WIDENS[m.type])) if m.type in WIDENS else m.type
        return replace(m, size=draw(st.integers(least, 8)), type=kind)
    if m.kind == "union":  # nobody knows which member it holds: all of them stay as they are
        return replace(m, inside=(*m.inside, Member(f"{m.name}_new", "number", ADDED)))
    if m.kind in ("struct", "anonymous"):
        size = draw(st.integers(1, 4)) if m.size else 0
        return replace(m, inside=draw(changed(m.inside, m.name)), size=size)
    return m


@st.composite
def pairs(draw: st.DrawFn, tag: str) -> Pair:
    fixed, of_row, of_part = (
        [replace(m, type=m.type.replace("TAG", tag)) for m in some]
        for some in (FIXED, OF_ROW, OF_PART)
    )
    own = [draw(members(f"m{i}", 2)) for i in range(draw(st.integers(1, 6)))]
    body = tuple(draw(st.permutations([*fixed, MARK, *own])))
    row = (*of_row, *(draw(members(f"r{i}", 1)) for i in range(draw(st.integers(0, 2)))))
    part = (*of_part, *(draw(members(f"p{i}", 1)) for i in range(draw(st.integers(1, 2)))))
    new_part = draw(changed(part, "p"))
    local = draw(st.sampled_from(sorted(WIDENS)))
    new_local = draw(st.sampled_from([local, *WIDENS[local]]))
    tail = draw(st.sampled_from(sorted(WIDENS)))
    more = draw(st.sampled_from([(), ("grey",), ("grey", "white")]))
    new_tail = draw(st.sampled_from([tail, *WIDENS[tail]]))
    new_row = draw(changed(row, "r"))
    colours = tuple(draw(st.permutations([*COLOURS, *more])))
    before = Version(body, COLOURS, row, tail, part, local)
    return before, Version(
        draw(changed(body, "t")), colours, new_row, new_tail, new_part, new_local
    )


PROGRAM = """
enum TAG_colour { COLOURS };
typedef struct TAG_row TAG_row;
typedef int TAG_call(int);
struct TAG_part { PARTBODY };
struct TAG { BODY };
struct TAG_row { ROW TAIL tail[]; };
/* What lies behind the table is of another type: else nobody could say what TAG_past leads to. */
static struct {
	struct TAG table[3];
	long behind;
} TAG_held;
#define TAG_table TAG_held.table
static struct TAG TAG_one, *TAG_list, *TAG_index[2], *TAG_past = TAG_table + 3;

static int TAG_twice(int n)
{
	return 2 * n;
}

static const struct TAG TAG_constant = {.mark = "abc", .call = TAG_twice};

static int TAG_colour_of(struct TAG *n)
{
	return n->colour == TAG_red ? 0 : n->colour == TAG_green ? 1 : n->colour == TAG_blue ? 2 : 3;
}

static void TAG_fill_part(struct TAG_part *n, struct TAG *whole, struct TAG_part *peer, int seed)
{
	(void)seed;
	PARTFILL
	n->whole = whole;
	n->peer = peer;
	n->me = &n->peer;
}

static void TAG_dump_part(const char *who, int i, struct TAG *whole, struct TAG_part *n)
{
	char name[24];

	snprintf(name, sizeof name, "%s.part%d", who, i);
	who = name;
	PARTDUMP
	answer("TAG.%s.pointers %d", who,
		n->whole == whole && n->me == &n->peer && n->peer == whole->parts + (i + 1) % 3);
}

static void TAG_fill(struct TAG *n, int seed)
{
	(void)seed;
	FILL
	n->colour = seed % 3 == 0 ? TAG_red : seed % 3 == 1 ? TAG_green : TAG_blue;
	n->call = TAG_twice;
	n->row = 0;
	n->self = n;
	n->inside = n->mark + 2;
	n->end = n->mark + sizeof n->mark;
	n->any = n;
	n->at = &n->next;
	n->part = n->parts + 1;
	n->last = n->parts + 3;
	for (int i = 0; i < 3; i++)
		TAG_fill_part(n->parts + i, n, n->parts + (i + 1) % 3, seed + i);
}

static TAG_row *TAG_make_row(struct TAG *owner, int seed)
{
	TAG_row *n = malloc(sizeof *n + 3 * sizeof n->tail[0]);

	ROWFILL
	n->owner = owner;
	n->count = 3;
	for (int i = 0; i < n->count; i++)
		n->tail[i] = seed + 20 * i;
	return n;
}

static void TAG_dump_row(const char *who, struct TAG *owner, TAG_row *n)
{
	ROWDUMP
	answer("TAG.%s.row.owner %d", who, n->owner == owner);
	for (int i = 0; i < n->count; i++)
		answer("TAG.%s.row.tail%d %lld", who, i, (long long)n->tail[i]);
}

static struct TAG *TAG_push(int seed)
{
	struct TAG *n = malloc(sizeof *n);

	TAG_fill(n, seed);
	n->row = TAG_make_row(n, seed);
	n->next = TAG_list;
	TAG_list = n;
	return n;
}

static void TAG_dump(const char *who, struct TAG *n)
{
	DUMP
	answer("TAG.%s.pointers %d", who,
		n->self == n && n->inside == n->mark + 2 && n->end == n->mark + 5);
	answer("TAG.%s.others %d", who,
		n->any == n && n->at == &n->next && n->part == n->parts + 1 &&
			n->last == n->parts + 3);
	for (int i = 0; i < 3; i++)
		TAG_dump_part(who, i, n, n->parts + i);
	answer("TAG.%s.colour %d", who, TAG_colour_of(n));
	answer("TAG.%s.call %d", who, n->call(21));
	if (n->row)
		TAG_dump_row(who, n, n->row);
}

static void TAG_all(void)
{
	static struct TAG kept;
	int i = 0;

	if (!kept.self)
		TAG_fill(&kept, 30);
	TAG_dump("kept", &kept);
	TAG_dump("one", &TAG_one);
	TAG_dump("table0", &TAG_table[0]);
	TAG_dump("table2", &TAG_table[2]);
	for (struct TAG *n = TAG_list; n; n = n->next) {
		char who[16];

		snprintf(who, sizeof who, "list%d", i++);
		TAG_dump(who, n);
	}
	answer("TAG.next %d", TAG_one.next == &TAG_table[1] && TAG_table[0].next == TAG_list);
	answer("TAG.constant %s %d", TAG_constant.mark, TAG_constant.call(4));
	answer("TAG.past %d", TAG_past == TAG_table + 3);
	answer("TAG.index %d", !TAG_list || TAG_index[1] == TAG_list->next);
}

static void TAG_pop(void)
{
	while (TAG_list) {
		struct TAG *n = TAG_list;

		TAG_list = n->next;
		free(n->row);
		free(n);
	}
}

static void TAG_start(void)
{
	TAG_fill(&TAG_one, 1);
	TAG_fill(&TAG_table[0], 2);
	TAG_fill(&TAG_table[2], 4);
	for (int i = 0; i < 4; i++)
		TAG_push(10 + i);
	TAG_one.next = &TAG_table[1];
	TAG_table[0].next = TAG_list;
	TAG_index[1] = TAG_list->next;
}
"""

MAIN = """
static void serve(struct TAG parameter, struct TAG *deep)
{
	struct TAG local;
	char line[16];
	LOCAL plain = sizeof line + !deep;

	memset(&local, 0, sizeof local);
	TAG_fill(&local, 40);
	TAG_fill(&parameter, 41);
	while (ask(line, sizeof line)) {
		if (!strcmp(line, "pop")) {
			POP
		}
		ALL
		TAG_dump("local", &local);
		TAG_dump("parameter", &parameter);
		answer("TAG.plain %lld", (long long)plain);
		if (TAG_list) /* it is in there, and gone with it */
			TAG_dump("deep", deep);
		answer("end");
	}
}

int main(void)
{
	START
	serve(TAG_one, TAG_list ? TAG_list->next : 0);
	return 0;
}
"""


def filled(body: tuple[Member, ...]) -> str:
    """C that gives all members values, which are the same in both versions."""
    leaves = [p for m in body for p in m.leaves() if "new" not in p]
    return " ".join(f"n->{p} = (seed * 7 + {sum(map(ord, p)) % 50}) % 100;" for p in leaves)


def dumped(body: tuple[Member, ...]) -> str:
    """C that prints all members."""
    leaves = [p for m in body for p in m.leaves()]
    return " ".join(f'answer("TAG.%s.{p} %lld", who, (long long)n->{p});' for p in leaves)


def program(types: list[Version]) -> str:
    out = '#include "serve.h"\n'
    for i, version in enumerate(types):
        text = PROGRAM
        for word, c in (
            ("PARTFILL", filled(version.part)),
            ("PARTDUMP", dumped(version.part)),
            ("PARTBODY", " ".join(m.declaration() for m in version.part)),
            ("ROWFILL", filled(version.row)),
            ("ROWDUMP", dumped(version.row)),
            ("ROW ", " ".join(m.declaration() for m in version.row) + " "),
            ("BODY", " ".join(m.declaration() for m in version.body)),
            ("FILL", filled(version.body)),
            ("DUMP", dumped(version.body)),
            ("COLOURS", ", ".join(f"TAG_{c}" for c in version.colours)),
            ("TAIL", version.tail),
            ("TAG", f"s{i}"),
        ):
            text = text.replace(word, c)
        out += text
    main = MAIN
    for word, call in (("POP", "pop"), ("ALL", "all"), ("START", "start")):
        main = main.replace(word, " ".join(f"s{i}_{call}();" for i in range(len(types))))
    return out + main.replace("LOCAL", types[0].local).replace("TAG", "s0")


def build(text: str, folder: Path, mode: str) -> Path:
    folder.mkdir()
    (folder / "program.c").write_text(text)
    shutil.copy(HERE / "serve.h", folder)
    words = ("-O2", f"--dsu-capture={mode}", "-o", "program", "program.c")
    made = toolchain.dsucc(*words, cwd=folder)
    assert made.code == 0, made.err
    return folder / "program"


def ask(process: object, line: str) -> dict[str, str]:
    stdin, stdout = process.stdin, process.stdout  # type: ignore[attr-defined]
    stdin.write(f"{line}\n")
    out: dict[str, str] = {}
    for got in stdout:
        if got == "end\n":
            return out
        path, _, value = got.rstrip("\n").rpartition(" ")
        out[path] = value
    raise AssertionError(f"the program has ended: {out}")


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize="DSU_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck), print_blob=True,
)  # fmt: skip
@given(
    st.lists(st.integers(0, 2), min_size=1, max_size=3).flatmap(
        lambda n: st.tuples(*(pairs(f"s{i}") for i in range(len(n))))
    ),
    st.sampled_from(MODES),
)
def test_members_of_both_versions_keep_their_values(types: tuple[Pair, ...], mode: str) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        old = build(program([a for a, _ in types]), folder / "old", mode)
        new = build(program([b for _, b in types]), folder / "new", mode)
        patch = dsupatch(old, new, "-o", folder / "patch")
        if all(a == b for a, b in types):
            assert patch.code == 4
            return
        assert patch.code == 0, patch.err
        with running(old) as process:
            before = ask(process, "first")
            controllable(process.pid)
            applied = dsuctl("apply", str(process.pid), folder / "patch", "--timeout", "20")
            assert applied.code == 0, applied.err
            after = ask(process, "second")
            check_kept(before, after)
            reverted = dsuctl("revert", str(process.pid), "--timeout", "20")
            if reverted.code:
                assert "objects have been converted to other types, and" in reverted.err
            else:
                back = ask(process, "third")
                assert back.keys() == before.keys()
                kept = {path: value for path, value in before.items() if path in after}
                assert kept == {path: back[path] for path in kept}
                applied = dsuctl("apply", str(process.pid), folder / "patch", "--timeout", "20")
                assert applied.code == 0, applied.err
                assert ask(process, "fourth") == after
            assert ask(process, "pop").keys() < after.keys()


def check_kept(before: dict[str, str], after: dict[str, str]) -> None:
    """What both have is what it was, what only the later version has is zero."""
    kept = {path: value for path, value in before.items() if path in after}
    assert kept == {path: after[path] for path in kept}
    assert {after[path] for path in after.keys() - before.keys()} <= {"0"}


def test_objects_are_converted_by_one_patch_after_another(tmp_path: Path) -> None:
    """What the first has made lies in a pool of the runtime's: it moves again, and is freed."""
    case = HERE / "cases" / "type_heap"
    first, second = (case / "old.c").read_text(), (case / "new.c").read_text()
    third = second.replace("new %d", "third %d").replace("label[10]", "label[30]")
    assert third.count("third") == 1
    a, b, c = (
        build(text, tmp_path / name, "landing-pad")
        for name, text in (("a", first), ("b", second), ("c", third))
    )
    one, two = tmp_path / "one", tmp_path / "two"
    assert dsupatch(a, b, "-o", one).code == 0
    made = dsupatch(b, c, "-o", two, "--base", a, "--after", one)
    assert made.code == 0, made.err
    with running(a) as process:
        converse(process, [("x", "old 2 x 7  1 1 x 1 1 1")])
        controllable(process.pid)
        for patch, line, word in ((one, "y", "new 3"), (two, "z", "third 4")):
            applied = dsuctl("apply", str(process.pid), patch, "--timeout", "20")
            assert applied.code == 0, applied.err
            converse(process, [(line, f"{word} {line} 7  1 1 x 1 1 1")])
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=10) == 0
