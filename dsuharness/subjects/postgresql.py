"""PostgreSQL, the whole of it: server, client programs, libraries, procedural language."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..subject import SOURCE, Recipe, Sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..backend.world import Completed

_ERROR = "reports an error or a message: ends as soon as that is in the log and the client's buffer"
_MEMORY = "allocates, frees or resets memory through its context's methods, which never wait"
_HASH = "looks a key up through the table's hash, compare and allocation functions, all short"
_PARSE = "makes a tree of one query's text, which is all there; calls nothing that waits"
_DEFORM = "takes a row apart, or puts one together, from what is in memory"
_NODES = "copies, compares or writes one node, an extension's through its methods, in memory"
_TEXT = "looks at characters or fills a buffer: ends with its text"
_ATOMIC = "repeats a compare-and-swap that others made fail, or probes a small table"

_FUNCTIONS = {
    _ERROR: """
        errstart errfinish errcode errcode_for_file_access errcode_for_socket_access errmsg
        errmsg_internal errmsg_plural errdetail errdetail_internal errdetail_log
        errdetail_log_plural errdetail_plural errhint errcontext_msg set_errcontext_domain
        errhidestmt errhidecontext errbacktrace errfunction errposition internalerrposition
        internalerrquery err_generic_string set_errdata_field geterrcode geterrposition
        getinternalerrposition pre_format_elog_string format_elog_string EmitErrorReport
        CopyErrorData FreeErrorData FlushErrorState ThrowErrorData ReThrowError pg_re_throw
        GetErrorContextStack matches_backtrace_functions set_backtrace write_syslog write_console
        setup_formatted_log_time setup_formatted_start_time log_line_prefix write_csvlog
        send_message_to_server_log send_message_to_frontend write_pipe_chunks err_sendstring
        append_with_tabs write_stderr ExceptionalCondition
        """,
    _MEMORY: """
        palloc palloc0 palloc_extended pfree repalloc repalloc_huge pstrdup pnstrdup pchomp
        MemoryContextAlloc MemoryContextAllocZero MemoryContextAllocZeroAligned
        MemoryContextAllocExtended MemoryContextAllocHuge MemoryContextStrdup MemoryContextCreate
        MemoryContextInit MemoryContextReset MemoryContextResetOnly MemoryContextResetChildren
        MemoryContextDelete MemoryContextDeleteChildren MemoryContextCallResetCallbacks
        MemoryContextIsEmpty MemoryContextMemAllocated MemoryContextStats MemoryContextStatsDetail
        MemoryContextStatsInternal MemoryContextStatsPrint GetMemoryChunkSpace
        AllocSetContextCreateInternal AllocSetReset AllocSetDelete AllocSetAlloc AllocSetFree
        AllocSetRealloc AllocSetStats SlabContextCreate SlabReset SlabDelete SlabAlloc SlabFree
        SlabRealloc SlabStats GenerationContextCreate GenerationReset GenerationDelete
        GenerationAlloc GenerationFree GenerationRealloc GenerationStats
        """,
    _HASH: """
        hash_create hash_search hash_search_with_hash_value get_hash_value get_hash_entry
        element_alloc
        """,
    _PARSE: "base_yyparse",
    _DEFORM: """
        slot_getsomeattrs_int nocachegetattr nocache_index_getattr EOH_get_flat_size
        EOH_flatten_into
        """,
    _NODES: "_copyExtensibleNode _equalExtensibleNode _outExtensibleNode",
    _TEXT: """
        pg_mblen pg_dsplen pg_encoding_mblen pg_encoding_dsplen pg_encoding_mbcliplen
        pg_encoding_verifymb pg_verify_mbstr_len pg_strcasecmp pg_strncasecmp psprintf
        appendStringInfo
        """,
    _ATOMIC: """
        LWLockAttemptLock LWLockRelease LWLockWaitListLock LWLockWakeup PinBuffer UnpinBuffer
        LockBufHdr MarkBufferDirty ResourceArrayAdd ResourceArrayRemove
        """,
}

NEVER = MappingProxyType({f: why for why, names in _FUNCTIONS.items() for f in names.split()})

# Changed versions, as sed scripts by file: small edits that are ours.
CHANGES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        # version() tells what its session has done since this version began, and how often the
        # postmaster had looked for work when it was forked: one statement more in functions that
        # are on the stack of each of these processes all the time, and in one that queries run in.
        "answer": {
            "src/backend/utils/adt/version.c": r"""
                /^#include "utils/a\
                extern long messages_read, postmaster_rounds, queries_run(void);
                s/(PG_VERSION_STR)/(psprintf("%s, messages %ld, queries %ld, rounds %ld", \
                    PG_VERSION_STR, messages_read, queries_run(), postmaster_rounds))/
                """,
            "src/backend/tcop/postgres.c": r"""
                /^static int\tInteractiveBackend(.*);/a\
                extern long messages_read, queries_run(void);\
                long messages_read = 0;\
                static long queries = 0;\
                long queries_run(void) { return queries; }
                s/^\t\tfirstchar = ReadCommand(.*/&\n\t\tmessages_read++;/
                /^exec_simple_query/,/^}/s/^\tTRACE_POSTGRESQL_QUERY_DONE(.*/&\n\tqueries++;/
                """,
            "src/backend/postmaster/postmaster.c": r"""
                /^static int\tServerLoop(void);/a\
                extern long postmaster_rounds;\
                long postmaster_rounds = 0;
                s/^\t\tnow = time(NULL);/&\n\t\tpostmaster_rounds++;/
                """,
        },
    }
)

SCRIPT = Path(__file__).with_suffix(".sh")
QUERIES = Path(__file__).with_suffix(".sql")
"""Joins, sorts, aggregates, PL/pgSQL with exceptions, cursors, COPY: one command a line."""


class Postgresql:
    """The subject; see the module."""

    name = "postgresql"
    image = "postgresql"
    options: Mapping[str, type] = MappingProxyType({"transactions": int, "clients": int})

    def recipe(self, compiler: str, version: str) -> Recipe:  # noqa: ARG002 - one for all
        """PostgreSQL's own configure and make; nothing in its source is changed.

        It is installed inside of its tree, and finds its files from where its programs lie.
        """
        configure = ("./configure", f"--prefix={SOURCE}/installed", f"CC={compiler}")
        commands = (configure, ("make", "-j2"), ("make", "install"))
        return Recipe(commands=commands, product="installed/bin/postgres", never=NEVER)

    def _script(self, *words: str) -> list[str]:
        return ["sh", "-c", SCRIPT.read_text(), SCRIPT.name, *words]

    def timed(self, program: str, plain: str, options: dict[str, Any]) -> list[str]:
        """TPC-B-like transactions, by one client and by several: the plain build's."""
        transactions, clients = options.get("transactions", 1000), options.get("clients", 4)
        return self._script("time", program, plain, str(transactions), str(clients))

    def counted(self, program: str, options: dict[str, Any], counter: Sequence[str]) -> list[str]:  # noqa: ARG002
        """One backend over a fixed script, without a server."""
        return self._script("count", program, QUERIES.read_text(), *counter)

    def samples(self, done: Completed) -> dict[str, Sample]:
        """The lines that the script has printed."""
        rows = [line.split() for line in done.out.splitlines()]
        return {metric: Sample(float(value), unit) for metric, value, unit in rows}


SUBJECT = Postgresql()
