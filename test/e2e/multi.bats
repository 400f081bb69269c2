#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# A group of three real MySQL servers that are all primaries.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-multi
	export NS
	mysql_make my-db "$MYSQL_GROUP" 3 '"topology": {"mode": "GroupReplication", "group": {"mode": "Multi-Primary"}}'
}

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

# all_lead: each of three members sees three primaries online, and takes writes.
all_lead() {
	local pod all=''
	for pod in my-db-0 my-db-1 my-db-2; do
		all+=$(sql "$pod" "SELECT CONCAT_WS(' ', COUNT(*), SUM(member_state = 'ONLINE'), SUM(member_role = 'PRIMARY'), @@super_read_only, '') FROM performance_schema.replication_group_members")
	done
	echo "$all"
	[ "$all" = '3 3 3 0 3 3 3 0 3 3 3 0 ' ]
}

@test "three primaries, a writer all the time: each leaves before its pod goes, nothing lost" {
	all_lead
	"$root/test/cluster/write" start my-db --namespace="$NS"
	observe my-db
	upgrade my-db "$MYSQL_GROUP_R2"
	unobserve
	[ "$status" = 0 ]
	sleep 2
	echo "# writer: $("$root/test/cluster/write" stop my-db --namespace="$NS")" >&3
	more=$("$root/test/cluster/write" check my-db --namespace="$NS")
	echo "# $more" >&3
	[ "$(rolled)" = '1  my-db-0 my-db-1 my-db-2' ]
	await 30 all_lead
	[[ $output = *"it stops writing and leaves the group first"* ]]
	[[ $output != *"was refused"* ]]
	[[ "$(state my-db)" = "$MYSQL_GROUP_R2 Ready "* ]]
}

# bats test_tags=all
@test "killed between a member's leave and its eviction, it is finished by resume" {
	killed_at "$(at_pod my-db-1 handover)" mysql my-db --to "$MYSQL_GROUP"
	shorten my-db
	resume my-db
	[ "$status" = 0 ]
	await 30 all_lead
	[[ "$(state my-db)" = "$MYSQL_GROUP Ready "* ]]
}

@test "a group that does not run as the database says is refused" {
	k patch mysql my-db --type=merge -p '{"spec": {"topology": {"group": {"mode": "Single-Primary"}}}}'
	upgrade my-db "$(other my-db)"
	k patch mysql my-db --type=merge -p '{"spec": {"topology": {"group": {"mode": "Multi-Primary"}}}}'
	[ "$status" = 3 ]
	[[ $stderr = *"multi-primary, but the spec says GroupReplication single-primary"* ]]
}
