#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# A real MySQL source and two replicas that acknowledge its commits.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-semisync
	export NS
	mysql_make my-db "$MYSQL_GROUP" 3 '"topology": {"mode": "SemiSync", "semiSync": {"sourceWaitForReplicaCount": 1, "sourceTimeout": "24h"}}'
}

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

# acknowledged: one source, to which two replicas acknowledge.
acknowledged() {
	local source
	source=$(primary my-db)
	[ "$(sql "$source" "SELECT VARIABLE_VALUE FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Rpl_semi_sync_source_clients'")" = 2 ]
}

# upgraded VERSION: while a client writes all the time the replicas are upgraded and then the
# source, and nothing is lost. Told is in $output.
upgraded() {
	local old most first second third more
	await 30 acknowledged
	old=$(primary my-db)
	"$root/test/cluster/write" start my-db --namespace="$NS"
	observe my-db
	upgrade my-db "$1"
	unobserve
	[ "$status" = 0 ] || return 1
	sleep 2
	echo "# writer: $("$root/test/cluster/write" stop my-db --namespace="$NS")" >&3
	more=$("$root/test/cluster/write" check my-db --namespace="$NS") || return 1
	echo "# $more" >&3
	read -r most first second third more < <(rolled)
	echo "most down $most, order $first $second $third $more; the source was $old"
	[ "$most" = 1 ] && [ "$third" = "$old" ] && [ -z "$more" ] && [ "$first" != "$second" ] || return 1
	await 30 acknowledged && [ "$(primary my-db)" != "$old" ] || return 1
	[[ "$(state my-db)" = "$1 Ready "* ]]
}

# fault [KIND]: what the coordinators do wrong.
fault() { k annotate lease my-db-coordinator --overwrite "test.kubectl-dbupgrade/coordinator${1:+=}${1:--}" >/dev/null; }

@test "a writer all the time: replicas, hand-over, the old source; nothing lost" {
	upgraded "$MYSQL_GROUP_R2"
	[[ $output = *"switch to an upgraded replica first"* ]]
	[[ $output != *"was refused"* ]]
}

# bats test_tags=all
@test "without the coordinators' help a replica takes over when the source's pod goes; nothing lost" {
	fault silent
	upgraded "$MYSQL_GROUP"
	fault
	[[ $output = *"was refused"*"does not answer on port 2379"* ]]
}

# bats test_tags=all
@test "killed while it hands over, it is finished by resume" {
	await 30 acknowledged
	killed_at "$(at_pod 'my-db-.' handover)" mysql my-db --to "$MYSQL_GROUP_R2"
	shorten my-db
	resume my-db
	[ "$status" = 0 ]
	await 30 acknowledged
	[[ "$(state my-db)" = "$MYSQL_GROUP_R2 Ready "* ]]
}

@test "commits that would wait for a replica that is away are told, and refused" {
	k patch mysql my-db --type=merge -p '{"spec": {"topology": {"semiSync": {"sourceWaitForReplicaCount": 2}}}}'
	upgrade my-db "$MYSQL_GROUP"
	k patch mysql my-db --type=merge -p '{"spec": {"topology": {"semiSync": {"sourceWaitForReplicaCount": 1}}}}'
	[ "$status" = 3 ]
	[[ $stderr = *"a commit waits for 2 of the 2 replicas; during a restart there is 1"*"sourceTimeout (24h)"* ]]
}

@test "a replica that does not acknowledge is refused" {
	replica=my-db-0
	[ "$(primary my-db)" != my-db-0 ] || replica=my-db-1
	sql "$replica" 'SET GLOBAL rpl_semi_sync_replica_enabled = OFF; STOP REPLICA IO_THREAD; START REPLICA IO_THREAD'
	alone() { ! acknowledged; }
	await 30 alone
	upgrade my-db "$MYSQL_GROUP"
	sql "$replica" 'SET GLOBAL rpl_semi_sync_replica_enabled = ON; STOP REPLICA IO_THREAD; START REPLICA IO_THREAD'
	[ "$status" = 3 ]
	[[ $stderr = *"1 of the replicas acknowledge commits of $(primary my-db); there are 2"* ]]
}
