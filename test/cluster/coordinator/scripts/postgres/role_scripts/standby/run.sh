#!/bin/sh
# Runs the server as a standby of whoever is the primary, after copying the
# primary's data if ours is missing, of another major version or beyond repair.
# shellcheck source=/dev/null
. /role_scripts/common.sh

export PGPASSWORD="$POSTGRES_PASSWORD"
source="host=$PRIMARY_HOST port=5432 user=$POSTGRES_USER"

await_primary() {
    until psql "$source dbname=postgres" -XAtqc 'SELECT NOT pg_is_in_recovery()' 2>/dev/null | grep -q t; do
        sleep 1
    done
}

copy() {
    echo "copying the primary's data"
    rm -rf "$PGDATA"
    pg_basebackup --dbname "$source" --pgdata "$PGDATA" --wal-method stream --checkpoint fast
    chmod 700 "$PGDATA"
}

if [ "$(cat "$PGDATA/PG_VERSION" 2>/dev/null)" != "$MAJOR_PG_VERSION" ]; then
    await_primary
    copy
elif [ ! -e "$PGDATA/standby.signal" ]; then
    # It was the primary, and may have written what its successor never saw. One
    # that was promoted only now tells its timeline from before, until its next
    # checkpoint: the data would be spoilt by it.
    await_primary
    psql "$source dbname=postgres" -XAtqc CHECKPOINT
    pg_rewind --target-pgdata "$PGDATA" --source-server "$source dbname=postgres" --no-ensure-shutdown ||
        pg_rewind --target-pgdata "$PGDATA" --source-server "$source dbname=postgres" || copy
fi
touch "$PGDATA/standby.signal"
serve -c recovery_target_timeline=latest \
    -c primary_conninfo="$source password=$POSTGRES_PASSWORD application_name=$POD_NAME"
