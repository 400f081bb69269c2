# The script by which a server of the new version looks at a configuration.
# shellcheck disable=SC2154 # what lib.bash and bats set
load lib

setup() { volume; }
teardown() { pod_end; }

# trial OPTIONS LINE... prints what the server says to a configuration.
trial() {
	inside sh -c "$(cat "${B:-$top/build}/gen/mysql_trial.sh")" dbupgrade "$1" < <(printf '%s\n' "${@:2}" end)
}

# refused WORDS OPTIONS LINE...: it fails, and says why.
refused() {
	local got status=0
	got=$(trial "${@:2}") || status=$?
	echo "status $status: $got"
	[ "$status" = 1 ] && grep -qF "$1" <<<"$got"
}

conf() {
	inside mkdir -p /tmp/etc
	printf '[mysqld]\n%s\n' "$1" | inside sh -c 'cat >/tmp/etc/my.cnf'
}

@test "a server that validates a configuration" {
	look=$(sed -n 's/.*80016, "\(.*\)".*/\1/p' "$top/lib/engine/mysql_trial.c")
	[ -n "$look" ]
	pod mysql-group
	conf $'max_connections=150\ntmpdir=/nowhere\nlog_error=/nowhere/x\ndatadir=/nowhere'
	[ -z "$(trial "$look" 'file /tmp/etc')" ]
	[ -z "$(trial "$look" 'file /tmp/etc/my.cnf' 'option --log-bin')" ]
	[ ! -e "$PV/data/ibdata1" ]
	refused "unknown variable 'query-cache-size=0'" "$look" 'file /tmp/etc' 'option --query-cache-size=0'
	conf 'expire_logs_days=3'
	refused "unknown variable 'expire_logs_days=3'" "$look" 'file /tmp/etc'
	refused "unknown variable 'expire_logs_days=3'" "$look" 'file /tmp/etc/my.cnf'
	[ -z "$(trial "$look" 'file /tmp/etc/other.cnf')" ]
	conf 'group_replication_autorejoin_tries=1'
	refused "unknown variable 'group_replication_autorejoin_tries=1'" "$look" 'file /tmp/etc'
	[ -z "$(trial "$look" 'file /tmp/etc' 'option --plugin-load-add=group_replication.so')" ]
}

@test "a server that only tells its settings" {
	look=$(sed -n 's/.*50700, "\(.*\)".*/\1/p' "$top/lib/engine/mysql_trial.c")
	[ -n "$look" ]
	pod mysql-57-new
	conf 'query_cache_size=0'
	[ -z "$(trial "$look" 'file /tmp/etc')" ]
	conf 'no_such=1'
	refused "unknown variable 'no_such=1'" "$look" 'file /tmp/etc'
}
