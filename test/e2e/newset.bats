#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# A group of three real MySQL servers whose place another set of members takes.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-newset
	export NS
	mysql_make my-db "$MYSQL_GROUP" 3
	"$root/test/cluster/write" start my-db --namespace="$NS" --rate=20
}

teardown() {
	unobserve
	[ -z "${run:-}" ] || kill -KILL "$run" 2>/dev/null || true
}

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

new_set() { upgrade my-db "$1" --strategy new-set "${@:2}"; }

# sets: what there is of them, and of claims.
sets() {
	k get "$(set_kind)" -o 'jsonpath={range .items[*]}{.metadata.name} {.spec.replicas} {.spec.template.spec.containers[0].image}{"\n"}{end}'
	all_claims
}

all_claims() { k get pvc -o 'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid}{"\n"}{end}'; }

# claim_like NAME: one that is labelled as those of the members, and is none of theirs.
claim_like() {
	k get pvc data-my-db-0 -o json | jq --arg name "$1" '{apiVersion, kind, metadata: {name: $name, labels: .metadata.labels},
		spec: (.spec | del(.volumeName))}' | k create -f - >/dev/null
}

# claims PATTERN: the names of those that match.
claims() { k get pvc -o name | sed 's#.*/##' | grep -E "^data-my-db-$1\$" | paste -sd ' '; }

# passed: what the watch of the pods saw: the least that were ready at a time once three were, the
# order in which pods came, that in which they went, and who led last.
passed() {
	awk '!seen[$2]++ { came = came " " $1 } $4 != "<none>" && !going[$2]++ { went = went " " $1 }
		{ up[$2] = $3 == "True" && $4 == "<none>"; n = 0; for (p in up) n += up[p]
		  if (n >= 3) whole = 1
		  if (whole && (least == "" || n < least)) least = n
		  if ($5 == "primary" && $4 == "<none>") lead = $1 }
		END { print least "," came "," went ", " lead }' "$BATS_TEST_TMPDIR/pods"
}

# of_step ID [POD] STATE: an event of a step for one member, as a regular expression.
of_step() { echo "\"type\":\"step\".*\"id\":\"$1\".*\"pod\":\"$2\".*\"state\":\"$3\""; }

# settled VERSION SET: the database is at a version and has this set alone, nothing of ours is left
# over, and the operator never had a reason to complain of two sets.
settled() {
	local left told
	[ "$(k get mysql my-db -o 'jsonpath={.spec.version} {.status.phase} {.status.conditions[?(@.type=="Paused")].status}')" = "$1 Ready " ]
	[ "$(k get "$(set_kind)" -o 'jsonpath={.items[*].metadata.name} {.items[*].spec.replicas}')" = "$2 3" ]
	left=$(k get leases -o name)
	[[ $left != *dbupgrade* ]]
	told=$(k get events -o 'jsonpath={.items[*].message}')
	[[ $told != *"more then one"* ]]
	await 30 whole my-db
}

@test "a dry run shows both sets' members, and changes nothing" {
	before=$(sets; state my-db)
	run --separate-stderr kubectl-dbupgrade mysql my-db --to "$MYSQL_GROUP_R2" --strategy new-set -n "$NS" --dry-run=server
	echo "$output" "$stderr"
	[ "$status" = 0 ]
	[[ $output = *"create the replacement set"*"start my-db-1-0"*"start my-db-1-2"*"retire my-db-2"*"retire my-db-0"*"delete the old set"* ]]
	[[ $output = *accepted* ]]
	diff <(echo "$before") <(sets; state my-db)
}

@test "killed while it makes, joins, retires and settles: a new set, nothing lost but the old data" {
	claim_like data-my-db-3
	claim_like data-my-other-0
	observe my-db
	mapfile -t points < <(printf '%s\n' "$(at_step make 'done')" "$(of_step join my-db-1-1 started)" \
		"$(of_step retire my-db-2 started)" "$(at_step settle started)" | some 2)
	for point in "${points[@]}"; do
		echo "--- $point"
		killed_at "$point" mysql my-db --to "$MYSQL_GROUP_R2" --strategy new-set --delete-old-data
		shorten my-db
	done
	before=$(all_claims)
	[ "$(claims '[0-9]')" = "data-my-db-0 data-my-db-1 data-my-db-2 data-my-db-3" ]
	run --separate-stderr kubectl-dbupgrade resume mysql my-db -n "$NS" --yes --delete-old-data --bundle="$BATS_TEST_TMPDIR"
	echo "$output" "$stderr"
	[ "$status" = 0 ]
	unobserve
	passed
	[ "$(passed)" = "3, my-db-0 my-db-1 my-db-2 my-db-1-0 my-db-1-1 my-db-1-2, my-db-2 my-db-1 my-db-0, my-db-1-0" ]
	settled "$MYSQL_GROUP_R2" my-db-1
	# gone are the claims of the old set's members, and no other
	diff <(grep -v '^data-my-db-[012] ' <<<"$before") <(all_claims)
	run -0 "$root/test/cluster/write" check my-db --namespace="$NS"
	echo "# $output" >&3
}

# bats test_tags=all
@test "the operator goes on with the new set" {
	k patch "$(set_kind)" my-db-1 --type=json -p '[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "example.invalid/other:1"}]'
	image_is_back() { [ "$(k get "$(set_kind)" my-db-1 -o 'jsonpath={.spec.template.spec.containers[0].image}')" = "testcluster.local/mysql:$MYSQL_GROUP_R2" ]; }
	await 30 image_is_back
	[ "$(k get "$(set_kind)" -o name | wc -l)" = 1 ]
}

# bats test_tags=all
@test "walked back when an old member is gone: the old set with its data, no claim of the new one" {
	before=$(sets)
	observe my-db
	launch mysql my-db --to "$MYSQL_GROUP" --strategy new-set
	seen 300 "$(of_step retire my-db-1-2 'done')"
	[ "$(claims '2-.*')" = "data-my-db-2-0 data-my-db-2-1 data-my-db-2-2" ]
	run kubectl-dbupgrade ctl mysql my-db abort -n "$NS"
	[ "$status" = 0 ]
	ended
	unobserve
	[ "$status" = 5 ]
	passed
	[[ "$(passed)" = "3, "*" my-db-2-0 my-db-2-1 my-db-2-2 my-db-1-"*", my-db-1-2 "*"my-db-2-2 my-db-2-1 my-db-2-0, my-db-1-"* ]]
	settled "$MYSQL_GROUP_R2" my-db-1
	diff <(echo "$before") <(sets)
	echo "# writer: $("$root/test/cluster/write" stop my-db --namespace="$NS" | jq -c "{acked, failed, unknown, longest_gap}")" >&3
	run -0 "$root/test/cluster/write" check my-db --namespace="$NS"
	echo "# $output" >&3
}

# bats test_tags=all
@test "refused: members without the logs that new ones would need, and what is no group" {
	before=$(sets)
	for pod in my-db-1-0 my-db-1-1 my-db-1-2; do
		sql "$pod" 'FLUSH BINARY LOGS; PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 SECOND'
	done
	new_set "$MYSQL_GROUP"
	[ "$status" = 3 ]
	[[ $stderr = *in-place* ]]
	diff <(echo "$before") <(sets)
	mysql_make my-one "$MYSQL_GROUP" 1
	upgrade my-one "$MYSQL_GROUP_R2" --strategy new-set
	[ "$status" = 3 ]
	[[ $stderr = *strategy* ]]
}
