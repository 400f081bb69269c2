#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# The API server does not answer in the midst of an upgrade.

# bats file_tags=all
bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-apiserver
	export NS
	mysql_make my-db "$MYSQL_GROUP" 1
	# The process of this cluster, by the keys that it was started with.
	server=$(pgrep -f "kube-apiserver .*$(dirname "$KUBECONFIG")/apiserver.crt")
	export server
}

teardown() { kill -CONT "$server"; }
teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

# silent FLAG...: an upgrade to the release after, in whose midst the API server is stopped.
silent() {
	kubectl-dbupgrade mysql my-db -n "$NS" --yes "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	pid=$!
	await 60 grep -q evicted "$BATS_TEST_TMPDIR/out"
	kill -STOP "$server"
}

@test "silent for longer than the lock lives: the upgrade comes to its end" {
	silent --to "$MYSQL_GROUP_R2"
	sleep 20
	kill -CONT "$server"
	wait "$pid"
	[ "$(k get mysql my-db -o 'jsonpath={.spec.version}')" = "$MYSQL_GROUP_R2" ]
}

@test "silent for longer than --timeout: it stops safely, and goes on later" {
	silent --to "$MYSQL_GROUP" --timeout 40s --bundle none
	status=0
	wait "$pid" || status=$?
	cat "$BATS_TEST_TMPDIR/out"
	[ "$status" = 7 ]
	kill -CONT "$server"
	await 60 kubectl get --raw /readyz
	upgrade my-db "$MYSQL_GROUP"
	[ "$status" = 0 ]
}
