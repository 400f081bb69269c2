#!/usr/bin/env bats
# shellcheck disable=SC2154,SC2034 # what lib.bash and bats set, and read
# A ProxySQL before a MySQL server: what runs there is a stand-in for it (test/cluster/README.md).
# Its pods have no volume, and proxies of two versions take nothing from each other.

bats_require_minimum_version 1.5.0
load lib
kind=proxysql

setup_file() {
	namespace dbu-proxysql
	export NS
	mysql_make behind "$MYSQL_GROUP" 1
}

teardown_file() { kubectl delete namespace "$NS" --wait=false >/dev/null; }

teardown() {
	unobserve
	k delete proxysql --all --wait=false >/dev/null
}

# proxysql_make NAME REPLICAS: with two query rules in its configuration file, and waits for it.
proxysql_make() {
	local api=kubedb.com/v1
	kubectl get crd petsets.apps.k8s.appscode.com >/dev/null 2>&1 || api=kubedb.com/v1alpha2
	k apply -f - >/dev/null <<JSON
{"apiVersion": "$api", "kind": "ProxySQL", "metadata": {"name": "$1"}, "spec": {"version": "$PROXYSQL_OLD", "replicas": $2,
 "backend": {"name": "behind"}, "initConfig": {"mysqlQueryRules": [
  {"rule_id": 1, "active": 1, "match_pattern": "^SELECT .* FOR UPDATE\$", "destination_hostgroup": 0, "apply": 1},
  {"rule_id": 2, "active": 1, "match_pattern": "^SELECT", "destination_hostgroup": 0, "apply": 1}]}}}
JSON
	await 120 proxysql_ready "$1" "$2"
}

proxysql_ready() {
	[ "$(k get proxysql "$1" -o 'jsonpath={.status.phase}')" = Ready ] &&
		[ "$(k get pods -l "app.kubernetes.io/instance=$1" -o name | wc -l)" = "$2" ]
}

# admin POD STATEMENT
admin() {
	# shellcheck disable=SC2016 # the container's own variables
	k exec -i "$1" -- sh -c 'MYSQL_PWD=$MYSQL_PROXY_PASSWORD exec mysql -h 127.0.0.1 -P 6032 -u "$MYSQL_PROXY_USER" -NB' <<<"$2"
}

# each NAME STATEMENT: what every proxy answers.
each() {
	local i
	for i in 0 1 2; do admin "$1-$i" "$2"; done
}

servers='SELECT hostgroup_id, hostname, status FROM runtime_mysql_servers'
users='SELECT username, password FROM runtime_mysql_users ORDER BY 1, backend'
rules='SELECT rule_id, match_pattern FROM runtime_mysql_query_rules ORDER BY 1'
configuration() { each "$1" "$servers; $users; $rules"; }

@test "one proxy after the other, while a client writes through them: the configuration is equal after" {
	proxysql_make p1 3
	"$root/test/cluster/write" start behind --namespace="$NS" --address="p1.$NS.svc:6033"
	before=$(configuration p1)
	[ "$(wc -l <<<"$before")" = 15 ]
	observe p1
	upgrade p1 "$PROXYSQL_NEW"
	unobserve
	[ "$status" = 0 ]
	read -r most order < <(rolled)
	echo "most down $most, order $order"
	[ "$most" = 1 ] && [ "$order" = "p1-0 p1-1 p1-2" ]
	echo "# writer: $("$root/test/cluster/write" stop behind --namespace="$NS")" >&3
	run -0 "$root/test/cluster/write" check behind --namespace="$NS"
	[ "$(configuration p1)" = "$before" ]
	[ "$(each p1 'SELECT @@version' | sort -u)" = "${PROXYSQL_NEW%-*}-standin" ]
	[[ $output = *"acknowledged, all present"* ]]
	end=$(state p1)
	[[ $end = "$PROXYSQL_NEW Ready "* && $end != *Paused* && $end != *dbupgrade* ]]
}

@test "changes that are not saved are refused, and saved and copied from proxy to proxy where that is asked for" {
	proxysql_make p2 3
	# The peers take a rule from the proxy that has it, and save what they take.
	admin p2-0 "INSERT INTO mysql_query_rules (rule_id, active, match_pattern, comment, destination_hostgroup, apply)
		VALUES (7, 1, '^SELECT \\\\d+', 'it''s \"new\"', 0, 1); LOAD MYSQL QUERY RULES TO RUNTIME;
		UPDATE global_variables SET variable_value = '77' WHERE variable_name = 'mysql-max_connections'; LOAD MYSQL VARIABLES TO RUNTIME;"
	spread() { [ "$(each p2 'SELECT COUNT(*) FROM runtime_mysql_query_rules' | sort -u)" = 3 ]; }
	await 30 spread
	before=$(configuration p2)
	upgrade p2 "$PROXYSQL_NEW"
	[ "$status" = 3 ]
	[[ $stderr = *"config.saved"*"p2-0: 1 of the query rules, 1 of the MySQL variables"* ]]
	[[ $stderr = *--save-runtime-config* ]]
	[[ "$(state p2)" = "$PROXYSQL_OLD Ready "* && "$(state p2)" != *Paused* ]]
	[ "$(admin p2-0 'SELECT COUNT(*) FROM disk.mysql_query_rules')" = 2 ]

	upgrade p2 "$PROXYSQL_NEW" --save-runtime-config
	[ "$status" = 0 ]
	[[ $output$stderr = *"p2-0: query rules saved to disk (1 differed)"* ]]
	[[ $output$stderr = *"copying the query rules from p2-"* ]]
	[ "$(configuration p2)" = "$before" ]
	[ "$(each p2 'SELECT COUNT(*) FROM disk.mysql_query_rules' | sort -u)" = 3 ]
	[ "$(admin p2-0 'SELECT comment FROM runtime_mysql_query_rules WHERE rule_id = 7')" = "it's \"new\"" ]
}

# bats test_tags=all
@test "clients that are in a transaction may end it; those that do not are cut off, and counted" {
	proxysql_make p3 3
	password=$(k get secret behind-auth -o 'jsonpath={.data.password}' | base64 -d)
	hold() { # SECONDS: a transaction by way of p3-0
		k exec -i p3-1 -- sh -c 'read -r MYSQL_PWD; export MYSQL_PWD; exec mysql -h '"p3-0.p3-pods.$NS.svc"' -P 6033 -u root -NB' \
			>"$BATS_TEST_TMPDIR/held" 2>&1 <<<"$password
START TRANSACTION; SELECT SLEEP($1); SELECT 'to its end'; COMMIT;" 3>&- &
		holder=$!
		await 30 held
	}
	held() { [ "$(admin p3-0 'SELECT COUNT(*) FROM stats.stats_mysql_processlist')" -gt 0 ]; }
	hold 12
	upgrade p3 "$PROXYSQL_NEW" --drain-timeout=40s
	[ "$status" = 0 ]
	wait "$holder"
	grep -q 'to its end' "$BATS_TEST_TMPDIR/held"
	[[ $output$stderr != *"disconnected"* ]]
	took=$(sed -n 's/.*p3-0.*drain \([0-9]*\)\..*/\1/p' <<<"$output$stderr" | tail -n 1)
	echo "# p3-0 gave way for $took s" >&3
	[ "$took" -ge 1 ]
}

# bats test_tags=all
@test "a client that stays is cut off after --drain-timeout, and that is told" {
	proxysql_make p4 3
	password=$(k get secret behind-auth -o 'jsonpath={.data.password}' | base64 -d)
	k exec -i p4-1 -- sh -c 'read -r MYSQL_PWD; export MYSQL_PWD; exec mysql -h '"p4-0.p4-pods.$NS.svc"' -P 6033 -u root -NB' \
		>"$BATS_TEST_TMPDIR/held" 2>&1 <<<"$password
START TRANSACTION; SELECT SLEEP(60); SELECT 'to its end';" 3>&- &
	holder=$!
	stays() { [ "$(admin p4-0 'SELECT COUNT(*) FROM stats.stats_mysql_processlist')" -gt 0 ]; }
	await 30 stays
	upgrade p4 "$PROXYSQL_NEW" --drain-timeout=2s
	[ "$status" = 0 ]
	[[ $output$stderr = *"p4-0 still has 1 client, which will be disconnected"* ]]
	wait "$holder" || true
	run ! grep -q 'to its end' "$BATS_TEST_TMPDIR/held"
}

@test "an image that holds another version, and one that does not exist: back as it was" {
	proxysql_make p5 3
	each p5 "UPDATE mysql_users SET max_connections = 55; LOAD MYSQL USERS TO RUNTIME; SAVE MYSQL USERS TO DISK;"
	before=$(configuration p5)
	for version in "$PROXYSQL_LIAR" "$PROXYSQL_NOIMAGE"; do
		upgrade p5 "$version"
		[ "$status" = 5 ]
		[[ "$(state p5)" = "$PROXYSQL_OLD Ready "* && "$(state p5)" != *Paused* ]]
		[ "$(configuration p5)" = "$before" ]
	done
	[ "$(each p5 'SELECT DISTINCT max_connections FROM runtime_mysql_users' | sort -u)" = 55 ]
}

# bats test_tags=all
@test "a database behind it that is not Ready is refused" {
	proxysql_make p6 3
	k delete pod behind-0 --wait=false >/dev/null
	ill() { [ "$(k get mysql behind -o 'jsonpath={.status.phase}')" != Ready ]; }
	await 30 ill
	upgrade p6 "$PROXYSQL_NEW"
	[ "$status" = 3 ]
	[[ $stderr = *"backend.ready: the backend MySQL behind is "* || $stderr = *"NO SERVER ONLINE"* ]]
	await 60 mysql_ready behind 1
}
