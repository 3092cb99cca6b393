# One sample of each figure: a server on a fresh database, and pgbench against it.
#   sh postgresql.sh count PROGRAM QUERIES COUNTER...  one backend over these queries
#   sh postgresql.sh time PROGRAM PLAIN TRANSACTIONS CLIENTS
#       lines "METRIC VALUE UNIT"; the clients are the plain build's, whatever the server is
# Run as root; the server runs as `postgres`, which provision.sh makes.
set -eu

what=$1 program=$2
shift 2
bin=${program%/postgres}
export LD_LIBRARY_PATH="$bin/../lib" LC_ALL=C PGUSER=postgres PGDATABASE=postgres
settings='-c listen_addresses= -c autovacuum=off -c jit=off -c log_min_messages=fatal'

as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }

# A new database in $1.
create() {
    rm -rf "$1"
    install -d -o postgres -g postgres -m 700 "$1"
    as_postgres "$bin/initdb" -D "$1" -A trust -E UTF8 --locale=C --no-sync >/dev/null
}

count() {
    data=/var/tmp/dsu-postgresql-count queries=$1
    shift
    create $data
    printf '%s\n' "$queries" | sed "s,@DATA@,$data,g" | as_postgres "$@" "$program" --single -D $data -F \
        -c autovacuum=off template1 >/dev/null
    rm -rf $data
}

# Of all of the server's processes: what is theirs, and their part of what they share.
resident() {
    for pid in $(pgrep -u postgres); do
        awk '$1 == "Pss:" { print $2 }' /proc/"$pid"/smaps_rollup 2>/dev/null || true
    done | awk '{ sum += $1 } END { print "rss", sum, "KiB" }'
}

client() {
    as_postgres env LD_LIBRARY_PATH="${plain%/postgres}/../lib" "${plain%/postgres}/pgbench" "$@"
}

# pgbench's own figure as metric $1: what it calls $2, in $3; nothing unless all transactions were made.
figure() {
    metric=$1 called=$2 unit=$3
    shift 3
    said=$(client -n "$@" 2>&1) || { printf '%s\n' "$said" >&2; exit 1; }
    printf '%s\n' "$said" | grep -qE '^number of transactions actually processed: ([0-9]+)/\1$' ||
        { printf 'not all transactions were made:\n%s\n' "$said" >&2; exit 1; }
    echo "$metric" "$(printf '%s\n' "$said" | sed -n "s,^$called = \([0-9.]*\).*,\1 $unit,p" | head -n 1)"
}

# Latency of one client's transactions, then throughput of several, on a server with $3.
bench() {
    where=$1 data=$2 options=$3 transactions=$4 clients=$5
    create "$data"
    as_postgres "$bin/pg_ctl" -D "$data" -w -l /dev/null \
        -o "$settings -k $data $options" start >/dev/null
    export PGHOST="$data"
    client -i -q -s 1 >/dev/null 2>"$data.log" || { cat "$data.log" >&2; exit 1; }
    figure "postgresql.txn.latency.$where" 'latency average' ms -t "$transactions"
    figure "postgresql.tpcb.throughput.$where" tps 1/s -c "$clients" -t "$transactions"
    if [ "$where" = memory ]; then resident; fi
    as_postgres "$bin/pg_ctl" -D "$data" -w -m immediate stop >/dev/null
    rm -rf "$data" "$data.log"
}

case $what in
count) count "$@" ;;
time)
    plain=$1
    shift
    # A container's /dev/shm has 64 MiB; /tmp is memory, too, in every world.
    bench memory /tmp/dsu-postgresql '-F' "$@"
    bench disk /var/tmp/dsu-postgresql '-c synchronous_commit=on' "$@"
    ;;
esac
