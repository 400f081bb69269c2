#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# Minor upgrades of real Postgres servers: standalone, and a primary with two standbys,
# asynchronous and synchronous.

bats_require_minimum_version 1.5.0
load lib
load postgres

setup_file() {
	namespace dbu-postgres
	export NS
	postgres_make pg-one "$POSTGRES_OLD" 1 &
	postgres_make pg-db "$POSTGRES_OLD" 3 &
	postgres_make pg-sync "$POSTGRES_OLD" 3 '"streamingMode": "Synchronous"' &
	wait -n && wait -n && wait -n
}

teardown() { unobserve; }
teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

# everything NAME: what a dry run must leave as it is.
everything() { k get postgres,"$(set_kind)",pods,leases -o json | jq -c '.items[] | select(.metadata.name | test("coordinator") | not) | [.kind, .metadata.name, .metadata.uid, .metadata.generation, .spec]'; }

@test "a dry run shows the plan and changes nothing" {
	before=$(everything)
	for mode in client server; do
		run kubectl-dbupgrade postgres pg-db --to "$POSTGRES_NEW" -n "$NS" --dry-run=$mode
		echo "$output"
		[ "$status" = 0 ]
		[[ $output = *"Nothing was changed"* ]]
		[[ $output = *"restart pg-db-2"*secondary*"restart pg-db-1"*secondary*"restart pg-db-0"*primary*"switch to an upgraded standby"* ]]
	done
	[[ $output = *accepted* ]]
	diff <(echo "$before") <(everything)
}

@test "a standalone goes to the next version while a client writes" {
	"$root/test/cluster/write" start pg-one --namespace="$NS"
	upgrade pg-one "$POSTGRES_NEW"
	[ "$status" = 0 ]
	sleep 2
	written pg-one
	[ "$(servers pg-one)" = "$POSTGRES_NEW" ]
	[ "$(variables pg-one)" = "MAJOR_PG_VERSION=15 PG_VERSION=$POSTGRES_NEW" ]
	[[ "$(state pg-one)" = "$POSTGRES_NEW Ready "* && "$(state pg-one)" != *dbupgrade* ]]
}

@test "synchronous standbys, a writer all the time: they first, then the primary, nothing lost" {
	[ "$(pg "$(primary pg-sync)" "SELECT count(*) > 0 FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')")" = t ]
	upgraded_while_written pg-sync "$POSTGRES_NEW"
	[ "$(servers pg-sync)" = "$POSTGRES_NEW" ]
	[ "$(variables pg-sync)" = "MAJOR_PG_VERSION=15 PG_VERSION=$POSTGRES_NEW" ]
	[ "$(pg "$(primary pg-sync)" "SELECT count(*) > 0 FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')")" = t ]
}

# bats test_tags=all
@test "an upgrade whose standbys are done is walked back, while a client writes" {
	"$root/test/cluster/write" start pg-db --namespace="$NS"
	before=$(state pg-db)
	observe pg-db
	killed_at "$(at_pod pg-db-1 'done')" postgres pg-db --to "$POSTGRES_NEW"
	[ "$(servers pg-db)" = "$POSTGRES_OLD $POSTGRES_NEW" ]
	shorten pg-db
	abort pg-db
	[ "$status" = 5 ]
	unobserve
	diff <(echo "$before") <(state pg-db)
	[ "$(servers pg-db)" = "$POSTGRES_OLD" ]
	[ "$(variables pg-db)" = "MAJOR_PG_VERSION=15 PG_VERSION=$POSTGRES_OLD" ]
	[ "$(primary pg-db)" = pg-db-0 ]
	[ "$(rolled)" = "1  pg-db-2 pg-db-1 pg-db-1 pg-db-2" ] || [ "$(rolled)" = "1  pg-db-2 pg-db-1 pg-db-2 pg-db-1" ]
	whole pg-db
	written pg-db
}

# bats test_tags=all
@test "a server that ends at once: its own words are told, the member gets its old image back" {
	before=$(state pg-db)
	observe pg-db
	upgrade pg-db "$POSTGRES_CRASH"
	unobserve
	[ "$status" = 5 ]
	[[ $output$stderr = *pg-db-2*broken* ]]
	read -r most first second more < <(rolled)
	[ "$most $first$more" = "1 $second" ]
	whole pg-db
	diff <(echo "$before") <(state pg-db)
}

# bats test_tags=all
@test "coordinators that do not answer: told, and the lead moves when the pod goes" {
	coordinators pg-db silent
	"$root/test/cluster/write" start pg-db --namespace="$NS"
	old=$(primary pg-db)
	upgrade pg-db "$POSTGRES_R2"
	coordinators pg-db
	[ "$status" = 0 ]
	[[ $output$stderr = *"coordinator of $old"*2379* ]]
	sleep 2
	written pg-db
	whole pg-db
	[[ "$(state pg-db)" = "$POSTGRES_R2 Ready "* ]]
}

# Where a run that rolls is killed, with the members in the order of their turns.
points() {
	at_step images 'done'
	at_pod "$1" deleting
	at_pod "$2" 'done'
	echo "$(at_pod "$3" handover).*switch to an upgraded standby"
	at_pod "$3" starting
	at_step version 'done'
}

@test "killed at moments of the roll: the same end, nothing lost" {
	"$root/test/cluster/write" start pg-db --namespace="$NS"
	old=$(primary pg-db)
	mapfile -t pods < <(postgres_members pg-db | tr ' ' '\n' | grep -v "^$old$" | sort -r)
	observe pg-db
	while IFS= read -r point; do
		echo "--- $point"
		killed_at "$point" postgres pg-db --to "$POSTGRES_NEW"
		shorten pg-db
	done < <(points "${pods[@]}" "$old" | some 2)
	upgrade pg-db "$POSTGRES_NEW"
	[ "$status" = 0 ]
	unobserve
	echo "$(rolled); turns ${pods[*]} $old"
	[ "$(rolled)" = "1  ${pods[*]} $old" ]
	whole pg-db
	[ "$(primary pg-db)" != "$old" ]
	[ "$(servers pg-db)" = "$POSTGRES_NEW" ]
	[ "$(variables pg-db)" = "MAJOR_PG_VERSION=15 PG_VERSION=$POSTGRES_NEW" ]
	end=$(state pg-db)
	echo "$end"
	[[ $end = "$POSTGRES_NEW Ready "* && $end != *Paused* && $end != *dbupgrade* ]]
	written pg-db
}
