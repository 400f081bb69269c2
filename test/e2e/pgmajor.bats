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
	wait -n && wait -n
	load_postgres pg-one
	load_postgres pg-db
}

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

setup() {
	before=$(state pg-one)
	beside=$(files pg-one-0)
}

@test "what pg_upgrade would refuse is refused before anything is changed" {
	pg pg-one-0 'CREATE TABLE calls (f regproc); CREATE TABLE calls2 (f regprocedure)' bench
	upgrade pg-one "$POSTGRES_MAJOR"
	pg pg-one-0 'DROP TABLE calls, calls2' bench
	refused pg-one
	[[ $output$stderr = *calls* ]]
}

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

@test "killed in the midst of pg_upgrade and walked back: the old version runs, nothing is left behind" {
	sums=$(sum_postgres pg-one pg-one-0)
	killed_at "$(at_step upgrade started)" postgres pg-one --to "$POSTGRES_MAJOR"
	shorten pg-one
	run --separate-stderr kubectl-dbupgrade abort postgres pg-one -n "$NS" --yes
	echo "$output" "$stderr"
	[ "$status" = 5 ]
	diff <(echo "$before") <(state pg-one)
	[ "$(servers pg-one)" = "$POSTGRES_OLD" ]
	[ "$(files pg-one-0)" = "$beside" ]
	diff <(echo "$sums") <(sum_postgres pg-one pg-one-0)
}

@test "a standalone, killed at steps on its way: to the next major with all that it had" {
	sums=$(sum_postgres pg-one pg-one-0)
	for point in "$(at_step keep started)" "$(at_step stop started)" "$(at_step upgrade 'done')" "$(at_step start started)" "$(at_step analyze started)"; do
		echo "--- $point"
		killed_at "$point" postgres pg-one --to "$POSTGRES_MAJOR"
		shorten pg-one
	done
	# Too late to walk back: said, and nothing is changed.
	run --separate-stderr kubectl-dbupgrade abort postgres pg-one -n "$NS" --yes
	echo "$output" "$stderr"
	[ "$status" = 3 ]
	shorten pg-one
	cleanup --yes
	[ "$status" = 3 ]
	[[ $stderr = *"is in progress"*"dbupgrade resume postgres pg-one"* ]]
	[[ " $(files pg-one-0) " = *" data-15 "* ]]
	upgrade pg-one "$POSTGRES_MAJOR"
	[ "$status" = 0 ]
	[ "$(servers pg-one)" = "$POSTGRES_MAJOR" ]
	[ "$(variables pg-one)" = "MAJOR_PG_VERSION=17 PG_VERSION=$POSTGRES_MAJOR" ]
	diff <(echo "$sums") <(sum_postgres pg-one pg-one-0)
	[[ " $(files pg-one-0) " = *" data-15 "* ]]
	end=$(state pg-one)
	[[ $end = "$POSTGRES_MAJOR Ready "* && $end != *Paused* && $end != *dbupgrade* ]]
}

@test "three members to the next major: all that they had is on each" {
	sums=$(sum_postgres pg-db "$(primary pg-db)")
	upgrade pg-db "$POSTGRES_MAJOR"
	[ "$status" = 0 ]
	[ "$(servers pg-db)" = "$POSTGRES_MAJOR" ]
	[ "$(variables pg-db)" = "MAJOR_PG_VERSION=17 PG_VERSION=$POSTGRES_MAJOR" ]
	whole pg-db
	for pod in $(postgres_members pg-db); do
		# Settings of the primary's own file are told by it alone.
		diff <(grep -v '^system|' <<<"$sums") <(sum_postgres pg-db "$pod" | grep -v '^system|')
	done
	end=$(state pg-db)
	[[ $end = "$POSTGRES_MAJOR Ready "* && $end != *Paused* && $end != *dbupgrade* ]]
}

@test "what an upgrade kept is deleted when that is asked for" {
	kept=$(files pg-one-0)
	cleanup --dry-run
	[ "$status" = 0 ]
	[[ $output = *"would be deleted on pg-one-0: the data of version 15, from before the upgrade to 17: "*" MiB" ]]
	[ "$(files pg-one-0)" = "$kept" ]
	cleanup --yes
	[ "$status" = 0 ]
	[[ $output = *": deleted on pg-one-0: the data of version 15"* ]]
	[[ $(files pg-one-0) != *data-* && $(files pg-one-0) != *.dbupgrade* ]]
	run ! k exec pg-one-0 -c postgres -- sh -c 'ls -d /var/pv/space/PG_15_*'
	[ "$(state pg-one)" = "$before" ]
	cleanup --yes
	[ "$status" = 0 ]
	[[ $output = *"keeps nothing"* ]]
}

@test "to the newest, with files shared, extensions updated and indexes rebuilt" {
	sums=$(sum_postgres pg-one pg-one-0)
	upgrade pg-one "$POSTGRES_NEWEST" --pg-upgrade-mode link --update-extensions --reindex --delete-old-data
	[ "$status" = 0 ]
	[ "$(servers pg-one)" = "$POSTGRES_NEWEST" ]
	diff <(echo "$sums") <(sum_postgres pg-one pg-one-0)
	[ "$(pg pg-one-0 "SELECT count(*) FROM pg_available_extensions WHERE installed_version <> default_version" bench)" = 0 ]
	[[ " $(files pg-one-0) " != *" data-17 "* ]]
}
