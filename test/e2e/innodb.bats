#!/usr/bin/env bats
# shellcheck disable=SC2154 # what lib.bash and bats set
# An InnoDB cluster: a group of three real MySQL servers behind two real MySQL Routers, by
# way of which the writer comes.

bats_require_minimum_version 1.5.0
load lib

setup_file() {
	namespace dbu-innodb
	export NS
	mysql_make my-db "$MYSQL_GROUP" 3 '"topology": {"mode": "InnoDBCluster", "innoDBCluster": {"mode": "Single-Primary", "router": {"replicas": 2}}}'
	await 60 routed
}

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

# routed: both routers are ready.
routed() { [ "$(k get pods -l mysql.kubedb.com/component=router -o 'jsonpath={.items[*].status.containerStatuses[*].ready}')" = 'true true' ]; }

unrouted() { ! routed; }

# router_images: those of the routers' set and of their pods.
router_images() {
	k get "$(set_kind)" my-db-router -o 'jsonpath={.spec.template.spec.containers[*].image}'
	k get pods -l mysql.kubedb.com/component=router -o 'jsonpath={range .items[*]} {.spec.containers[*].image}{end}'
}

# members: three online, one of them the primary, as each of them sees it.
members() {
	local pod all=''
	for pod in my-db-0 my-db-1 my-db-2; do
		all+=$(sql "$pod" "SELECT CONCAT_WS(' ', COUNT(*), SUM(member_state = 'ONLINE'), SUM(member_role = 'PRIMARY'), '') FROM performance_schema.replication_group_members")
	done
	[ "$all" = '3 3 1 3 3 1 3 3 1 ' ]
}

@test "the routers and then the members, while a client writes by way of the routers" {
	local old order
	"$root/test/cluster/write" start my-db --namespace="$NS"
	old=$(primary my-db)
	observe my-db
	upgrade my-db "$MYSQL_GROUP_R2"
	unobserve
	[ "$status" = 0 ]
	sleep 2
	echo "# writer: $("$root/test/cluster/write" stop my-db --namespace="$NS")" >&3
	echo "# $("$root/test/cluster/write" check my-db --namespace="$NS")" >&3
	order=$(rolled)
	echo "$order; the primary was $old"
	[[ $order = "1  my-db-router-0 my-db-router-1 my-db-"?" my-db-"?" $old" ]]
	[[ $output = *"2 of 2 routers route to the primary, $old"* ]]
	[[ $output = *"my-db-router-1 routes to the primary"* ]]
	members
	[ "$(router_images)" = "testcluster.local/mysql-router:$MYSQL_GROUP_R2 testcluster.local/mysql-router:$MYSQL_GROUP_R2 testcluster.local/mysql-router:$MYSQL_GROUP_R2" ]
	[[ "$(state my-db)" = "$MYSQL_GROUP_R2 Ready "* ]]
}

# bats test_tags=all
@test "killed between the two routers, resumed, killed when a member goes, walked back" {
	killed_at "$(at_pod my-db-router-1 deleting)" mysql my-db --to "$MYSQL_GROUP"
	shorten my-db
	killed_at "$(at_pod 'my-db-[0-9]' deleting)" resume mysql my-db
	shorten my-db
	abort my-db
	[ "$status" = 5 ]
	await 30 members
	[[ $(router_images) = "testcluster.local/mysql-router:$MYSQL_GROUP_R2 "*":$MYSQL_GROUP_R2" ]]
	[[ "$(state my-db)" = "$MYSQL_GROUP_R2 Ready "* ]]
}

# bats test_tags=all
@test "a router's image that does not exist: no member goes, and all goes back by itself" {
	local before
	before=$(k get pods -l kubedb.com/role -o 'jsonpath={.items[*].metadata.uid}')
	upgrade my-db "$MYSQL_NOIMAGE"
	[ "$status" = 5 ]
	[[ $output = *"my-db-router-0: container mysql-router: "*"rolling back to the previous images"* ]]
	[ "$(k get pods -l kubedb.com/role -o 'jsonpath={.items[*].metadata.uid}')" = "$before" ]
	await 30 routed
	[[ $(router_images) = "testcluster.local/mysql-router:$MYSQL_GROUP_R2 "*":$MYSQL_GROUP_R2" ]]
	[[ "$(state my-db)" = "$MYSQL_GROUP_R2 Ready "* ]]
}

@test "a second set, and a router that leads nowhere, are refused" {
	upgrade my-db "$MYSQL_GROUP" --strategy new-set
	[ "$status" = 3 ]
	k set image pod/my-db-router-1 mysql-router=testcluster.local/mysql-router:none
	await 30 unrouted
	upgrade my-db "$MYSQL_GROUP"
	[ "$status" = 3 ]
	[[ $stderr = *"my-db-router-1 does not"* ]]
}
