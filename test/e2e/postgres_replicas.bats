#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# Postgres with more sets than that of its members: read replicas, which follow the members and
# are upgraded behind them, and an arbiter, which has no server and is left alone.

bats_require_minimum_version 1.5.0
load lib
load postgres

replicas='"readReplicas": [{"name": "reports", "replicas": 2, "storageType": "Durable",
 "storage": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]'

setup_file() {
	namespace dbu-pgreplicas
	export NS
	postgres_make pg-rr "$POSTGRES_OLD" 2 "$replicas" &
	postgres_make pg-arb "$POSTGRES_OLD" 2 '"arbiter": {}' &
	wait -n && wait -n
	load_postgres pg-rr
}

teardown() { unobserve; }
teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

# whole NAME MEMBERS: one of all servers is the primary, the label names it, and all others stream.
whole() {
	local pod all=''
	for pod in $(postgres_members "$1"); do
		all+=$(pg "$pod" "SELECT pg_is_in_recovery(), (SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming')")" "
	done
	echo "$all"
	[ "$(tr ' ' '\n' <<<"$all" | grep -c 't|1')" = $(($2 - 1)) ]
	[ "$(tr ' ' '\n' <<<"$all" | grep -c 'f|0')" = 1 ]
	[ "$(postgres_primary "$1")" = "$(primary "$1")" ]
}

# of_replicas PATH: of the set of read replicas.
of_replicas() { k get "$(set_kind)" pg-rr-rr-reports -o "jsonpath={$1}"; }

@test "a dry run names the read replicas, behind the members" {
	run kubectl-dbupgrade postgres pg-rr --to "$POSTGRES_NEW" -n "$NS" --dry-run=server
	echo "$output"
	[ "$status" = 0 ]
	[[ $output = *"read replicas pg-rr-rr-reports (2)"* ]]
	[[ $output = *"restart pg-rr-1"*secondary*"restart pg-rr-0"*primary*"restart pg-rr-rr-reports-1"*"read replica"*"restart pg-rr-rr-reports-0"* ]]
}

# bats test_tags=all
@test "killed when a read replica is done, and walked back: the members first, while a client writes" {
	"$root/test/cluster/write" start pg-rr --namespace="$NS"
	before=$(state pg-rr)
	observe pg-rr
	killed_at "$(at_pod pg-rr-rr-reports-1 'done')" postgres pg-rr --to "$POSTGRES_NEW"
	run kubectl-dbupgrade status postgres pg-rr -n "$NS"
	echo "$output"
	[[ $output = *pg-rr-rr-reports-0*read-replica*old*pg-rr-rr-reports-1*read-replica*new* ]]
	shorten pg-rr
	abort pg-rr
	[ "$status" = 5 ]
	unobserve
	diff <(echo "$before") <(state pg-rr)
	[ "$(servers pg-rr)" = "$POSTGRES_OLD" ]
	[[ $(of_replicas '.spec.template.spec.containers[*].image') = *":$POSTGRES_OLD" ]]
	rolled
	# The last read replica may have begun to go when the run was killed.
	[[ $(rolled) = "1  pg-rr-1 pg-rr-0 pg-rr-rr-reports-1 "*"pg-rr-0 pg-rr-1 pg-rr-rr-reports-"* ||
		$(rolled) = "1  pg-rr-1 pg-rr-0 pg-rr-rr-reports-1 "*"pg-rr-1 pg-rr-0 pg-rr-rr-reports-"* ]]
	whole pg-rr 4
	written pg-rr
}

@test "the members, then the read replicas one by one, nothing lost" {
	"$root/test/cluster/write" start pg-rr --namespace="$NS"
	old=$(primary pg-rr)
	observe pg-rr
	upgrade pg-rr "$POSTGRES_NEW"
	unobserve
	[ "$status" = 0 ]
	[[ $output = *"2 members, 2 read replicas"* || $stderr = *"2 members, 2 read replicas"* ]]
	read -r most first second third fourth more < <(rolled)
	echo "$most $first $second $third $fourth $more"
	[ "$most $second $third $fourth$more" = "1 $old pg-rr-rr-reports-1 pg-rr-rr-reports-0" ]
	[ "$first" != "$old" ]
	[ "$(servers pg-rr)" = "$POSTGRES_NEW" ]
	[ "$(variables pg-rr)" = "MAJOR_PG_VERSION=15 PG_VERSION=$POSTGRES_NEW" ]
	[[ "$(state pg-rr)" = "$POSTGRES_NEW Ready "* && "$(state pg-rr)" != *dbupgrade* ]]
	whole pg-rr 4
	written pg-rr
}

# bats test_tags=all
@test "another major version: read replicas copy the new data, tablespaces too" {
	before=$(sum_postgres pg-rr "$(primary pg-rr)")
	upgrade pg-rr "$POSTGRES_MAJOR"
	[ "$status" = 0 ]
	[ "$(servers pg-rr)" = "$POSTGRES_MAJOR" ]
	[ "$(variables pg-rr)" = "MAJOR_PG_VERSION=${POSTGRES_MAJOR%%.*} PG_VERSION=$POSTGRES_MAJOR" ]
	whole pg-rr 4
	# What ALTER SYSTEM set is in the file of the member that led then.
	diff <(grep -v '^system' <<<"$before") <(sum_postgres pg-rr "$(primary pg-rr)" | grep -v '^system')
	diff <(grep -v '^system' <<<"$before") <(sum_postgres pg-rr pg-rr-rr-reports-0 | grep -v '^system')
}

@test "an arbiter is left alone, by a minor and by a major upgrade" {
	uid=$(k get pod pg-arb-arbiter-0 -o 'jsonpath={.metadata.uid}')
	mapfile -t versions < <(printf '%s\n' "$POSTGRES_NEW" "$POSTGRES_MAJOR" | some 1)
	for version in "${versions[@]}"; do
		upgrade pg-arb "$version"
		[ "$status" = 0 ]
		[[ "$(state pg-arb)" = "$version Ready "* && "$(state pg-arb)" != *dbupgrade* ]]
	done
	[ "$(k get pod pg-arb-arbiter-0 -o 'jsonpath={.metadata.uid}')" = "$uid" ]
	for pod in pg-arb-0 pg-arb-1; do
		[ "$(pg "$pod" 'SHOW server_version' | cut -d ' ' -f 1)" = "$version" ]
	done
	# The operator's own: its set has the new version, and no pod restarts for that.
	[ "$(k get "$(set_kind)" pg-arb-arbiter -o 'jsonpath={.spec.template.spec.containers[0].env[?(@.name=="PG_VERSION")].value}')" = "$version" ]
	[ "$(k get pod pg-arb-arbiter-0 -o 'jsonpath={.spec.containers[0].env[?(@.name=="PG_VERSION")].value}')" = "$POSTGRES_OLD" ]
}
