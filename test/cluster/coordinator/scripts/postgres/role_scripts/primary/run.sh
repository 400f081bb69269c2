#!/bin/sh
# Runs the server as the primary, after making the database if there is none.
# shellcheck source=/dev/null
. /role_scripts/common.sh

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    rm -rf "$PGDATA"
    password=$(mktemp)
    printf '%s' "$POSTGRES_PASSWORD" >"$password"
    initdb --pgdata "$PGDATA" --username "$POSTGRES_USER" --pwfile "$password" --encoding UTF8 --locale C \
        --auth-local trust --auth-host scram-sha-256
    rm -f "$password"
    printf 'host %s all all scram-sha-256\n' all replication >>"$PGDATA/pg_hba.conf"
fi
rm -f "$PGDATA/standby.signal"
serve
