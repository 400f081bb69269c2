#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# The same upgrade on other kinds of clusters: KubeDB before August 2024 (StatefulSets and
# kubedb.com/v1alpha2), and KubeDB's own resource definitions where they are at hand
# ($KUBEDB_CRDS, a folder).

# bats file_tags=all
bats_require_minimum_version 1.5.0
load lib

# flavour NAME FLAG...: a cluster of its own for the test.
flavour() {
	name=$1
	out=$("$cluster" start --name="$name" --images=mysql,postgres "${@:2}" 2>"$BATS_TEST_TMPDIR/start") || { cat "$BATS_TEST_TMPDIR/start"; return 1; }
	export KUBECONFIG="${out##*KUBECONFIG=}"
	namespace dbu-flavour
}

# postgres: from here on it is a Postgres that is upgraded.
postgres() { load postgres; }

teardown() { [ -z "${name:-}" ] || "$cluster" down --name="$name"; }

@test "StatefulSets and kubedb.com/v1alpha2" {
	flavour old --workload=statefulset
	[ "$(set_kind)" = statefulset ]
	mysql_make my-db "$MYSQL_GROUP" 3
	upgraded_while_written my-db "$MYSQL_GROUP_R2"
	[[ $stderr$output = *StatefulSet* ]]
	postgres
	postgres_make my-pg "$POSTGRES_OLD" 3
	upgraded_while_written my-pg "$POSTGRES_NEW"
	[[ $stderr$output = *StatefulSet* ]]
	[ "$(variables my-pg)" = "MAJOR_PG_VERSION=15 PG_VERSION=$POSTGRES_NEW" ]
}

@test "KubeDB's own resource definitions" {
	[ -n "${KUBEDB_CRDS:-}" ] || skip "KUBEDB_CRDS names no folder"
	flavour crds --crds="$KUBEDB_CRDS"
	mysql_make my-db "$MYSQL_GROUP" 3
	upgraded_while_written my-db "$MYSQL_GROUP_R2"
	postgres
	postgres_make my-pg "$POSTGRES_OLD" 3
	upgraded_while_written my-pg "$POSTGRES_NEW"
}
