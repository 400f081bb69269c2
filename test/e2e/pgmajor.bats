#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # the pods' own variables; what setup, lib.bash and bats set
# Postgres goes to another major version: real servers and a real pg_upgrade, standalone and with
# standbys. What is in the databases is summed up before and after.

bats_require_minimum_version 1.5.0
load lib
load postgres

setup_file() {
	namespace dbu-pgmajor
	export NS
	postgres_make pg-one "$POSTGRES_OLD" 1 &
	postgres_make pg-db "$POSTGRES_OLD" 3 &
	postgres_make pg-tight "$POSTGRES_OLD" 1 '' limited 256Mi &
	wait -n && wait -n && wait -n
	load_postgres pg-one
	load_postgres pg-db
	# Transactions can be prepared from the server's next start on, which its pod sees to.
	pg pg-one-0 'ALTER SYSTEM SET max_prepared_transactions = 4'
	k exec pg-one-0 -c postgres -- sh -c 'pg_ctl stop -m fast -D "$PGDATA"' >/dev/null
	await 60 prepares
}

prepares() { [ "$(pg pg-one-0 'SHOW max_prepared_transactions' 2>/dev/null)" = 4 ] && postgres_ready pg-one 1; }

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

# files POD: what lies beside the data.
files() { k exec "$1" -c postgres -- sh -c 'cd "$(dirname "$PGDATA")" && ls -A' | sort | xargs; }

# refused NAME: it changed nothing, and goes by its status.
refused() {
	[ "$status" = 3 ]
	[ "$before" = "$(state "$1")" ]
	[ "$(files "$1-0")" = "$beside" ]
}

# cleanup ARG... of pg-one.
cleanup() {
	run --separate-stderr kubectl-dbupgrade cleanup postgres pg-one -n "$NS" "$@"
	echo "$output" "$stderr"
}

# What a test launched and did not wait for.
teardown() { [ -z "${run:-}" ] || kill -KILL "$run" 2>/dev/null || :; }

setup() {
	run=
	before=$(state pg-one)
	beside=$(files pg-one-0)
}

@test "what pg_upgrade would refuse is refused by name, before anything is changed" {
	pg pg-one-0 "CREATE TABLE calls (f regproc); BEGIN; CREATE TABLE half (); PREPARE TRANSACTION 'half done'" bench
	# The server counts a session's rows at its end.
	pg pg-one-0 'CREATE TABLE aged WITH (autovacuum_enabled = off) AS SELECT generate_series(1, 50000)' bench
	pg pg-one-0 'ANALYZE aged; DELETE FROM aged' bench
	upgrade pg-one "$POSTGRES_MAJOR"
	pg pg-one-0 "ROLLBACK PREPARED 'half done'; DROP TABLE calls, aged" bench
	refused pg-one
	[[ $output$stderr = *calls* ]]
	[[ $output$stderr = *"prepared transactions"*"'half done' in bench"* ]]
	[[ $output$stderr = *"fewer rows"*"bench: public.aged (0 of 50000)"* ]]
}

@test "a volume that has no room for a second copy: refused with the numbers" {
	before=$(state pg-tight)
	beside=$(files pg-tight-0)
	upgrade pg-tight "$POSTGRES_MAJOR"
	refused pg-tight
	[[ $output$stderr =~ [0-9.]+" MiB free on the volume of pg-tight-0, "[0-9.]+" MiB needed (mode copy, data "[0-9.]+" MiB)" ]]
}

# bats test_tags=all
@test "coordinators that do not answer: refused" {
	before=$(state pg-db)
	beside=$(files pg-db-0)
	coordinators pg-db silent
	upgrade pg-db "$POSTGRES_MAJOR"
	refused pg-db
	[[ $output$stderr = *coordinator*2379* ]]
	coordinators pg-db unknown
	upgrade pg-db "$POSTGRES_MAJOR"
	refused pg-db
	coordinators pg-db
}

# rehearses: its pod is there.
rehearses() { k get pod pg-one-upgrade-rehearsal >/dev/null 2>&1; }
rehearsal() { k get pod pg-one-upgrade-rehearsal -o jsonpath='{.metadata.uid}' 2>/dev/null; }

# rehearses_anew UID: the servers of another rehearsal's pod than that run; seconds of work are left for it.
rehearses_anew() {
	[ "$(k get pod pg-one-upgrade-rehearsal -o json 2>/dev/null |
		jq -r --arg old "$1" 'select(.metadata.uid != $old and .metadata.deletionTimestamp == null) | .status.phase')" = Running ]
}

# bats test_tags=all
@test "a view that the new version cannot restore: found with the database up; without a rehearsal all goes back by itself" {
	pg pg-one-0 'CREATE VIEW stale AS SELECT datname, daticulocale FROM pg_database' bench
	beside=$(files pg-one-0)
	"$root/test/cluster/write" start pg-one --namespace="$NS"
	upgrade pg-one "$POSTGRES_MAJOR"
	account=$("$root/test/cluster/write" stop pg-one --namespace="$NS")
	echo "# writer: $(jq -c 'del(.gaps)' <<<"$account")" >&3
	refused pg-one
	[[ $output$stderr = *"pg.rehearsal"*"pg_upgrade rejects an empty copy of the schema: "*"column pg_database.daticulocale does not exist"* ]]
	[ "$(jq '.failed + .unknown' <<<"$account")" = 0 ]
	[ "$(jq '.longest_gap < 1500' <<<"$account")" = true ]
	run ! rehearses
	# As before there were rehearsals.
	upgrade pg-one "$POSTGRES_MAJOR" --no-rehearsal
	[ "$status" = 5 ]
	[[ $output$stderr = *"not rehearsed (--no-rehearsal)"*daticulocale* ]]
	[ "$before" = "$(state pg-one)" ]
	[ "$(files pg-one-0)" = "$beside" ]
	pg pg-one-0 'DROP VIEW stale' bench
}

# bats test_tags=all
@test "a rehearsal that is killed leaves a pod, which the next one removes; who may make none is told" {
	launch postgres pg-one --to "$POSTGRES_MAJOR"
	await 300 rehearses
	kill -KILL "$run"
	ended
	left=$(rehearsal)
	[ -n "$left" ]
	run ! kubectl -n "$NS" get lease dbupgrade-postgreses-pg-one
	launch postgres pg-one --to "$POSTGRES_MAJOR"
	await 300 rehearses_anew "$left"
	kill -INT "$run"
	ended
	[ "$status" = 130 ]
	[ "$before" = "$(state pg-one)" ]
	await 120 eval '! rehearses'
	k create serviceaccount limited
	kubectl apply -f - <<-JSON
		{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "dbu-limited"}, "rules": [
		{"apiGroups": ["kubedb.com", "catalog.kubedb.com", "ops.kubedb.com", "apps", "apps.k8s.appscode.com", "coordination.k8s.io", "policy"],
		 "resources": ["*"], "verbs": ["*"]},
		{"apiGroups": [""], "resources": ["pods", "pods/log", "events"], "verbs": ["get", "list", "watch", "patch", "delete"]},
		{"apiGroups": [""], "resources": ["pods/exec", "pods/eviction"], "verbs": ["get", "create"]}]}
	JSON
	kubectl create clusterrolebinding dbu-limited --clusterrole=dbu-limited --serviceaccount="$NS:limited" --dry-run=client -o yaml | kubectl apply -f -
	upgrade pg-one "$POSTGRES_MAJOR" --dry-run --as="system:serviceaccount:$NS:limited"
	kubectl delete clusterrole,clusterrolebinding dbu-limited >/dev/null
	[ "$status" = 0 ]
	[[ $output = *"WARN  pg.rehearsal"*"not rehearsed: not allowed: create pods"* ]]
	upgrade pg-one "$POSTGRES_MAJOR" --dry-run
	[[ $output = *"ok    pg.rehearsal"*"in pod pg-one-upgrade-rehearsal; not in a dry run"* ]]
}

@test "killed in the midst of pg_upgrade and walked back: the old version runs, nothing is left behind" {
	sums=$(sum_postgres pg-one pg-one-0)
	killed_at "$(at_step upgrade started)" postgres pg-one --to "$POSTGRES_MAJOR"
	shorten pg-one
	abort pg-one
	[ "$status" = 5 ]
	diff <(echo "$before") <(state pg-one)
	[ "$(servers pg-one)" = "$POSTGRES_OLD" ]
	[ "$(files pg-one-0)" = "$beside" ]
	diff <(echo "$sums") <(sum_postgres pg-one pg-one-0)
}

# A function that ANALYZE of 17 cannot run, since it names a table without its schema.
unqualified() {
	pg pg-one-0 "CREATE TABLE rates (k int, v int); CREATE FUNCTION rate (i int) RETURNS bigint LANGUAGE plpgsql IMMUTABLE
		AS 'BEGIN RETURN i + (SELECT count(v) FROM rates WHERE k = i); END'; CREATE TABLE rated AS SELECT generate_series(1, 100) AS i" bench
	pg pg-one-0 'CREATE INDEX rated_rate ON rated (rate(i)); ANALYZE rated' bench
}

@test "a standalone to the newest, files shared, extensions updated, indexes rebuilt; no way back once it has started" {
	unqualified
	sums=$(sum_postgres pg-one pg-one-0)
	flags=(--pg-upgrade-mode link --update-extensions --reindex --delete-old-data)
	killed_at "$(at_step analyze started)" postgres pg-one --to "$POSTGRES_NEWEST" "${flags[@]}"
	shorten pg-one
	abort pg-one
	[ "$status" = 3 ]
	[[ $output$stderr = *"the new server has started"* ]]
	shorten pg-one
	upgrade pg-one "$POSTGRES_NEWEST" "${flags[@]}"
	[ "$status" = 4 ]
	[[ $output$stderr = *"the new server lacks 1 thing"*"statistics: public.rated in database bench: ERROR:"* ]]
	[[ " $(files pg-one-0) " = *" data-15 "* ]]
	pg pg-one-0 'ALTER FUNCTION rate SET search_path = public' bench
	upgrade pg-one "$POSTGRES_NEWEST" "${flags[@]}"
	[ "$status" = 0 ]
	[ "$(servers pg-one)" = "$POSTGRES_NEWEST" ]
	[ "$(variables pg-one)" = "MAJOR_PG_VERSION=18 PG_VERSION=$POSTGRES_NEWEST" ]
	diff <(echo "$sums") <(sum_postgres pg-one pg-one-0)
	[ "$(pg pg-one-0 "SELECT count(*) FROM pg_available_extensions WHERE installed_version <> default_version" bench)" = 0 ]
	[ "$(files pg-one-0)" = "$beside" ]
	end=$(state pg-one)
	[[ $end = "$POSTGRES_NEWEST Ready "* && $end != *Paused* && $end != *dbupgrade* ]]
}

# is_left_well NAME VERSION: Ready, and nothing of a run is left.
is_left_well() {
	local end
	end=$(state "$1")
	echo "$end"
	[[ $end = "$2 Ready "* && $end != *Paused* && $end != *dbupgrade* ]]
}

# Where a run with two standbys is killed: as each of its steps begins, or is found done.
points() {
	local step
	for step in pause keep lead hold images stop switch upgrade swap start analyze aftercare roll:2 roll:1 verify failover version resume settle complete; do
		echo "\"type\":\"step\".*\"id\":\"${step%:*}\"$([ "${step#*:}" = "$step" ] || echo ".*\"pod\":\"pg-db-${step#*:}\"")"
	done
}

# leads POD: clients write there, and nowhere else.
leads() { [ "$(postgres_primary pg-db)" = "$1" ]; }

answers() { pg "$1" 'SELECT 1' >/dev/null 2>&1; }

# archive: each member's volume has one, with the history of the lead's switch.
archive() {
	local history
	history=$(k exec pg-db-1 -c postgres -- sh -c 'cat "$PGDATA"/pg_wal/00000002.history')
	for pod in $(postgres_members pg-db); do
		await 60 answers "$pod"
		k exec -i "$pod" -c postgres -- sh -c 'mkdir -p /var/pv/archive && cat >/var/pv/archive/00000002.history' <<<"$history"
		pg "$pod" "ALTER SYSTEM SET restore_command = 'cp /var/pv/archive/%f %p'"
		pg "$pod" 'SELECT pg_reload_conf()'
	done
}

@test "three members to the next major, killed at each step: all that they had is on each, and the old archive is not asked" {
	coordinator_call pg-db-0 POST /transfer '{"transferee":2}'
	await 60 leads pg-db-1
	archive
	sums=$(sum_postgres pg-db "$(primary pg-db)")
	observe pg-db
	while IFS= read -r point; do
		echo "--- $SECONDS $point"
		killed_at "$point" postgres pg-db --to "$POSTGRES_MAJOR"
		shorten pg-db
	done < <(points | some 4)
	upgrade pg-db "$POSTGRES_MAJOR"
	unobserve
	[ "$status" = 0 ]
	[ "$(servers pg-db)" = "$POSTGRES_MAJOR" ]
	[ "$(variables pg-db)" = "MAJOR_PG_VERSION=17 PG_VERSION=$POSTGRES_MAJOR" ]
	leads pg-db-0
	whole pg-db
	read -r _ order < <(rolled)
	echo "order $order"
	[ "$order" = "pg-db-0 pg-db-2 pg-db-1" ]
	for pod in $(postgres_members pg-db); do
		# Settings of the primary's own file are told by it alone.
		diff <(grep -v '^system|' <<<"$sums") <(sum_postgres pg-db "$pod" | grep -v '^system|')
		[ "$(pg "$pod" 'SHOW restore_command')" = "" ]
	done
	[[ " $(files pg-db-0) " = *" data-15 "* ]]
	await 30 is_left_well pg-db "$POSTGRES_MAJOR"
}
