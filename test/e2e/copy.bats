#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# Real servers whose members may get all data anew: a MySQL group that clones, and Postgres standbys whose
# primary keeps too little WAL. Galera's SST is in galera.bats.
# bats file_tags=all

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-copy
	export NS
	k apply -f - >/dev/null <<'YAML'
apiVersion: v1
kind: Secret
metadata: {name: clones}
stringData: {my.cnf: "[mysqld]\nplugin_load_add=mysql_clone.so\nloose_group_replication_clone_threshold=300\n"}
YAML
	mysql_make my-cl "$MYSQL_GROUP" 3 '"configuration": {"secretName": "clones"}' &
	postgres_make pg-wal "$POSTGRES_OLD" 2 &
	wait -n && wait -n
}

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

@test "a threshold for clones and many writes: refused without a consent, then cloned, seen and told" {
	"$root/test/cluster/write" start my-cl --namespace="$NS"
	sleep 2
	upgrade my-cl "$MYSQL_GROUP_R2" --max-copy 1
	[ "$status" = 3 ]
	[[ $stderr = *'health.transfer: my-cl-2: clone expected, about '*' from my-cl-0 or my-cl-1 (rate not known): it copies when it lacks 300 transactions, and about '* ]]
	[[ $stderr = *'to allow it: --max-copy 1Gi (--yes does not cover it); to avoid it: SET PERSIST group_replication_clone_threshold = DEFAULT on it'* ]]
	launch mysql my-cl --to "$MYSQL_GROUP_R2"
	seen 120 'is being re-cloned'
	"$root/test/cluster/write" stop my-cl --namespace="$NS"
	ended
	[ "$status" = 0 ]
	[[ $output = *'my-cl-2 is being re-cloned (clone) from '*'my-cl-2 rejoined by clone from '* ]]
	whole my-cl
}

@test "a threshold of one transaction under writes: it clones again and again, which the error says" {
	for pod in my-cl-0 my-cl-1 my-cl-2; do
		sql "$pod" 'SET PERSIST group_replication_clone_threshold = 1'
	done
	"$root/test/cluster/write" start my-cl --namespace="$NS"
	upgrade my-cl "$MYSQL_GROUP"
	[ "$status" = 4 ]
	[[ $stderr = *'its server ended 3 times after a clone: each time it starts, it lacks 1 transactions or more and is re-cloned'* ]]
	"$root/test/cluster/write" stop my-cl --namespace="$NS"
	for pod in my-cl-0 my-cl-1; do
		sql "$pod" 'SET PERSIST group_replication_clone_threshold = DEFAULT'
	done
	resume my-cl
	[ "$status" = 0 ]
	whole my-cl
}

@test "a standby whose primary writes more WAL than it keeps: refused without a consent" {
	# shellcheck disable=SC2034 # for lib.bash
	kind=postgres kinds=postgreses
	pg pg-wal-0 'CREATE TABLE IF NOT EXISTS much (text text)'
	(while :; do pg pg-wal-0 "INSERT INTO much SELECT repeat('x', 1000) FROM generate_series(1, 30000); TRUNCATE much" || break; done) >/dev/null 2>&1 3>&- &
	writer=$!
	sleep 3
	upgrade pg-wal "$POSTGRES_NEW" --max-copy 1
	kill "$writer"
	[ "$status" = 3 ]
	[[ $stderr = *'health.transfer: pg-wal-1: base backup expected, about '*' from pg-wal-0 (rate not known): the other members keep '*' of WAL; it is away for about 2m00s'* ]]
	upgrade pg-wal "$POSTGRES_NEW"
	[ "$status" = 0 ]
	[[ $output = *'pg-wal-1 leaves: streaming expected: '* ]]
}
