#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# Others change the same database while a run is at work. Each time it adapts, or stops safely and
# says why; and the same command goes on once the cause is gone. One upgrade passes through most
# of them, so that no member is restarted twice.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-others
	export NS
	mysql_make my-db "$MYSQL_GROUP" 3
}

teardown() { unobserve; }

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

begin() { launch mysql my-db --to "$1" "${@:2}"; }

# noticed SECONDS STATUS TEXT...: the run stops so soon after this, thus, and says so.
noticed() {
	local from=$SECONDS text
	ended
	echo "# noticed after $((SECONDS - from)) s: $(grep -m1 -E 'ERROR|"type":"error"' <<<"$stderr" | cut -c1-150)" >&3
	[ $((SECONDS - from)) -le "$1" ] && [ "$status" = "$2" ] || return 1
	for text in "${@:3}"; do
		[[ $stderr$output = *"$text"* ]] || { echo "does not say: $text"; return 1; }
	done
}

# turn N: the N-th restart begins.
turn() { echo "\"type\":\"step\".*\"step\":$(($1 + 2)),.*\"id\":\"roll\".*\"state\":\"started\""; }

not_paused() {
	local at
	at=$(k get mysql my-db -o json | jq '[.status.conditions[].type] | index("Paused")')
	k patch mysql my-db --subresource=status --type=json -p "[{\"op\": \"test\", \"path\": \"/status/conditions/$at/type\", \"value\": \"Paused\"},
		{\"op\": \"remove\", \"path\": \"/status/conditions/$at\"}]"
}

ops_request() {
	k "$1" -f - <<'YAML'
apiVersion: ops.kubedb.com/v1alpha1
kind: MySQLOpsRequest
metadata: {name: my-restart}
spec: {type: Restart, databaseRef: {name: my-db}}
YAML
}

set_image() {
	k patch "$(set_kind)" my-db --type=json -p "[{\"op\": \"replace\", \"path\": \"/spec/template/spec/containers/0/image\", \"value\": \"$1\"}]"
}

@test "the Paused condition is removed: stopped, and nothing more is restarted" {
	begin "$MYSQL_GROUP_R2"
	seen 60 '"type":"pod".*"state":"verifying"'
	not_paused
	noticed 5 4 "Paused condition"
}

@test "an OpsRequest appears: stopped, refused while it is there" {
	begin "$MYSQL_GROUP_R2"
	seen 90 "$(turn 2)"
	seen 60 '"type":"pod".*"state":"starting"'
	ops_request apply
	noticed 5 4 my-restart
	upgrade my-db "$MYSQL_GROUP_R2"
	[ "$status" != 0 ]
	[[ $stderr = *my-restart* ]]
	ops_request delete
}

@test "the set's image is changed: set again, and the end is whole" {
	begin "$MYSQL_GROUP_R2"
	seen 90 "$(at_step images 'done')"
	set_image example.invalid/other:1
	ended
	[ "$status" = 0 ]
	whole my-db
	[[ "$(state my-db)" = "$MYSQL_GROUP_R2 Ready "* ]]
	[[ "$(state my-db)" != *Paused* ]]
	[ "$(k get pods -l app.kubernetes.io/instance=my-db -o 'jsonpath={.items[*].spec.containers[0].image}' | tr ' ' '\n' | sort -u)" = "testcluster.local/mysql:$MYSQL_GROUP_R2" ]
}

# bats test_tags=all
@test "the set is scaled: stopped; scaled back it goes on" {
	begin "$MYSQL_GROUP"
	seen 60 '"type":"pod".*"state":"starting"'
	k scale "$(set_kind)" my-db --replicas=2 || k patch "$(set_kind)" my-db --type=merge -p '{"spec": {"replicas": 2}}'
	noticed 5 4 "scaled from 3 to 2"
	[[ $stderr = *"scale it back"* ]]
	k patch "$(set_kind)" my-db --type=merge -p '{"spec": {"replicas": 3}}'
	back() { k get pod my-db-2; }
	await 60 back
}

# bats test_tags=all
@test "the primary fails over by itself: the new one comes last" {
	observe my-db
	old=$(primary my-db)
	begin "$MYSQL_GROUP"
	# The second to go is the last of the secondaries: it is made primary while the first is away.
	seen 150 '"type":"pod".*"state":"starting"'
	pod=$(sed -n 's/.*"type":"pod","pod":"\([^"]*\)","state":"starting".*/\1/p' "$events" | head -n 1)
	next=$(k get pods -l app.kubernetes.io/instance=my-db -o name | sed 's#pod/##' | grep -v -e "^$old$" -e "^$pod$")
	id=$(sql "$next" 'SELECT @@server_uuid')
	lead() { sql "$old" "SELECT group_replication_set_as_primary('$id')"; }
	await 15 lead
	ended
	unobserve
	[ "$status" = 0 ]
	read -r most order < <(rolled)
	echo "most down $most, order $order; primary was $old, then $next"
	[ "$most" = 1 ]
	[ "${order##* }" = "$next" ]
	whole my-db
	[[ "$(state my-db)" = "$MYSQL_GROUP Ready "* ]]
}
