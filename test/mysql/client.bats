# The clients that the program runs in pods of MySQL: nothing in the container and nothing on the
# server, neither what its settings are nor what its users named, changes what they ask or hear.
# shellcheck disable=SC2154 # what lib.bash and bats set
load lib

setup() { volume; }
teardown() { pod_end; }

# names makes objects whose names would be commands, statements, lines, or ends of answers.
names() {
	local i name
	# shellcheck disable=SC2016
	for name in $'a\nERROR 2013 (HY000): gone' $'b\tc' "d'e\"f" '\! touch /tmp/pwned' '$(touch /tmp/pwned)' '; DROP DATABASE app; --' \
		$'\nkubectl-dbupgrade-1\nb' $'x\ndelimiter y'; do
		i=$((${i:-0} + 1))
		cat <<-END
			CREATE TABLE app.\`$name\`(id INT, \`$name\` INT);
			CREATE DATABASE \`$i$name\`;
			CREATE VIEW app.\`v $name\` AS SELECT 1 AS \`$name\`;
		END
		name=${name//\\/\\\\}
		echo "CREATE USER '${name//\'/\'\'}'@'h';"
	done | sed 's/^\\/ &/'
	for name in version coalesce concat 'count'; do
		echo "CREATE FUNCTION app.\`$name\`() RETURNS TEXT DETERMINISTIC RETURN 'pwned';"
	done
}

# asked ENGINE VERSION prints what the server answers to all statements of the engine by COMMAND.
asked() {
	local version=$1
	shift
	"${B:-$top/build}/test/unit/test_statements" statements "$engine" "$version" | { "$@" || :; } | sed 's/ at line [0-9]*//'
}

# trusted asks as a client does that nobody can command, with the same variables.
trusted() { inside mysql --no-defaults --socket=/tmp/socket -u root -N -B --force --unbuffered --default-character-set=utf8mb4 2>&1; }

program() { hostile sh -c "$(client "$engine")"; }

# answers VERSION SETTING...: the answers are the same whatever a server's settings are.
answers() {
	local version=$1 setting
	shift
	account
	echo "CREATE DATABASE app;" | sql
	names | sql
	asked "$version" trusted >"$BATS_TEST_TMPDIR/friendly"
	for setting in "$@"; do
		sql <<<"SET GLOBAL $setting" || return
	done
	asked "$version" program >"$BATS_TEST_TMPDIR/hostile"
	diff -u "$BATS_TEST_TMPDIR/friendly" "$BATS_TEST_TMPDIR/hostile"
	grep -q "^version	$version" "$BATS_TEST_TMPDIR/hostile"
	grep -q "^tables	8$" "$BATS_TEST_TMPDIR/hostile"
	grep -q "^schemas	9$" "$BATS_TEST_TMPDIR/hostile"
	[ "$(grep -c '^asked ' "$BATS_TEST_TMPDIR/hostile")" -gt 10 ]
	if grep -qE '^(kubectl|ERROR 2)' "$BATS_TEST_TMPDIR/hostile"; then return 1; fi
	inside sh -c '! ls -d /tmp/pwned /tmp/data/pwned 2>&1'
}

# stays: a conversation outlives wait_timeout, has no commands, writes nothing, gives no file away.
stays() {
	local got
	got=$({
		echo 'SELECT CONNECTION_ID();'
		sleep 2.5
		# shellcheck disable=SC1003
		printf '%s;\n' 'SELECT CONNECTION_ID()' 'SELECT SLEEP(0.1)' '\! touch /tmp/pwned' 'system touch /tmp/pwned' 'tee /tmp/pwned' \
			"SELECT 'a\\\\n''', CHAR(10), CHAR(9), CHAR(92), CHAR(0)" "SELECT 'end'"
	} | program)
	echo "$got"
	awk 'NR == 1 { first = $0 } NR == 2 && $0 != first { exit 1 } NR == 3 && $0 != 0 { exit 1 }' <<<"$got"
	grep -qxF 'a\\n'"'"'	\n	\t	\\	\0' <<<"$got"
	[ "$(tail -n 1 <<<"$got")" = end ]
	inside sh -c '! ls -d /tmp/pwned 2>&1'
}

# pinned: the conversation has every value that the program gives it, where the server knows it.
pinned() {
	local got
	got=$(client "$engine" | grep -o 'SESSION [a-z_]*=[A-Za-z0-9_]*' | cut -d ' ' -f 2 | sort -u |
		sed "s/\(.*\)=\(.*\)/SELECT 'pin', '\1', '\2', @@SESSION.\1;/" | program | grep '^pin')
	echo "$got"
	[ "$(wc -l <<<"$got")" -ge 16 ]
	awk -F '\t' '
		BEGIN { is["sql_mode"] = ""; is["completion_type"] = "NO_CHAIN"; is["transaction_isolation"] = "REPEATABLE-READ" }
		{ want = $2 in is ? is[$2] : $3 }
		$4 "" != want "" && !(want == "0" && $4 + 0 == 0 && $4 != "") { print "not pinned: " $0; bad = 1 }
		END { exit bad }' <<<"$got"
}

hostile_settings=(
	"sql_mode='ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,HIGH_NOT_PRECEDENCE,IGNORE_SPACE,PAD_CHAR_TO_FULL_LENGTH,ONLY_FULL_GROUP_BY'"
	'sql_select_limit=1' 'sql_safe_updates=1' 'max_join_size=1' 'sql_big_selects=0' 'sql_auto_is_null=1' 'wait_timeout=1' 'autocommit=0'
	'completion_type=2' "time_zone='+05:00'" "lc_messages='de_DE'" 'group_concat_max_len=4' 'div_precision_increment=0'
	'lock_wait_timeout=1' "character_set_client='latin1'" "character_set_results='ucs2'" "collation_connection='utf8mb4_bin'"
	"init_connect='SET SESSION sql_mode=1, SESSION sql_select_limit=0'"
)

@test "a new server's settings and names, and the container, change no answer" {
	engine=mysql
	pod mysql-group
	server --skip-networking=OFF --bind-address=127.0.0.1 --skip-name-resolve --innodb-stats-auto-recalc=OFF
	answers 9.7.4 "${hostile_settings[@]}" max_execution_time=1 "lc_time_names='de_DE'" "transaction_isolation='SERIALIZABLE'" transaction_read_only=0 \
		information_schema_stats_expiry=1000 show_gipk_in_create_table_and_information_schema=0
	pinned
	stays
	[ "$(program <<<'CREATE DATABASE pwned;' | cut -c 1-10)" = "ERROR 1792" ]
}

@test "5.7's settings and names, and the container, change no answer" {
	engine=mysql
	pod mysql-57-new
	server --skip-networking=OFF --bind-address=127.0.0.1 --skip-name-resolve --skip-character-set-client-handshake --innodb-stats-auto-recalc=OFF \
		--server-id=1 --log-bin=binlog --gtid-mode=ON --enforce-gtid-consistency=ON --master-info-repository=TABLE
	answers 5.7.22 "${hostile_settings[@]}" max_execution_time=1 "tx_isolation='SERIALIZABLE'"
	pinned
	stays
	# MariaDB's client would go on without TLS, where it need not verify.
	[ -z "$(sql <<<"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_USER='root', MASTER_PASSWORD='secret', MASTER_SSL=1")" ]
	hostile sh -c "$(client source)" | grep -q '^ERROR 2026 .*SSL is required'
	[ -z "$(sql <<<'CHANGE MASTER TO MASTER_SSL=0')" ]
	hostile sh -c "$(client source)" | grep -q '^version	5.7.22'
}

@test "a Galera node's settings and names, and the container, change no answer" {
	engine=perconaxtradb
	pod galera-major
	server --skip-networking=OFF --bind-address=127.0.0.1 --skip-name-resolve --skip-character-set-client-handshake --innodb-stats-auto-recalc=OFF
	answers 11.8.9 "${hostile_settings[@]}" max_statement_time=0.001 "transaction_isolation='SERIALIZABLE'" "lc_time_names='de_DE'" \
		"sql_mode='ORACLE,EMPTY_STRING_IS_NULL,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH'"
	pinned
	stays
	[ "$(program <<<'CREATE DATABASE pwned;' | grep -o "ERROR 1792")" = "ERROR 1792" ]
}

# shellcheck disable=SC2016
@test "a source is reached by the TLS that the channel has" {
	pod mysql-group
	server --skip-networking=OFF --bind-address=127.0.0.1 --skip-name-resolve --server-id=1 --log-bin=binlog --gtid-mode=ON --enforce-gtid-consistency=ON
	account
	sql <<-'END'
		CREATE USER repl@'%' IDENTIFIED BY '\\ "$(touch /tmp/pwned)''x';
		GRANT REPLICATION SLAVE ON *.* TO repl@'%';
	END
	follow() {
		[ -z "$(sql <<<"STOP REPLICA; RESET REPLICA ALL; CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_USER='repl',
			SOURCE_PASSWORD='\\\\ \"\$(touch /tmp/pwned)''x', SOURCE_AUTO_POSITION=1 $1")" ]
		hostile sh -c "$(client source)"
	}
	openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -subj /CN=other -days 2 2>/dev/null | inside sh -c 'cat >/tmp/other.pem'
	follow '' | grep -q "^version	9.7.4"
	follow ', SOURCE_SSL=1' | grep -q "^version	9.7.4"
	follow ", SOURCE_SSL=1, SOURCE_SSL_CA='ca.pem', SOURCE_SSL_CERT='client-cert.pem', SOURCE_SSL_KEY='client-key.pem',
		SOURCE_TLS_VERSION='TLSv1.3', SOURCE_TLS_CIPHERSUITES='TLS_AES_128_GCM_SHA256'" | grep -q "^version	9.7.4"
	follow ", SOURCE_SSL=1, SOURCE_SSL_CA='/tmp/other.pem'" | grep -q "^ERROR 2026 .*certificate verify failed"
	follow ", SOURCE_SSL=1, SOURCE_SSL_CA='ca.pem', SOURCE_SSL_VERIFY_SERVER_CERT=1" | grep -q "^ERROR 2026 .*certificate verify failed"
	# A server that has no TLS gets nothing where the channel has it; its key is asked for where the channel does.
	[ -z "$(sql <<<"SET GLOBAL tls_version=''; ALTER INSTANCE RELOAD TLS NO ROLLBACK ON ERROR;
		ALTER USER repl@'%' IDENTIFIED BY '\\\\ \"\$(touch /tmp/pwned)''x'")" ]
	follow ', SOURCE_SSL=1, GET_SOURCE_PUBLIC_KEY=1' | grep -q "^ERROR 2026 .*SSL is required"
	follow ', SOURCE_SSL=0' | grep -q "^ERROR 2061 .*requires secure connection"
	follow ', SOURCE_SSL=0, GET_SOURCE_PUBLIC_KEY=1' | grep -q "^version	9.7.4"
	inside sh -c '! ls -d /tmp/pwned 2>&1'
}

# dump prints what a proxy's copied tables hold on disk.
dump() {
	program <<-'END'
		SELECT 'user', hex(username), hex(password), default_schema IS NULL, hex(comment), typeof(max_connections) FROM disk.mysql_users;
		SELECT 'server', hex(hostname), hex(comment), typeof(weight), port FROM disk.mysql_servers;
		SELECT 'rule', rule_id, hex(match_pattern), hex(replace_pattern), hex(error_msg), cache_ttl FROM disk.mysql_query_rules;
	END
}

@test "a proxy's configuration is copied whatever it holds, and runs nothing" {
	engine=proxysql
	pod proxysql-new
	inside sh -c 'mkdir /tmp/proxy; cat >/tmp/proxysql.cnf' <<-'END'
		admin_variables= { admin_credentials="admin:secret" mysql_ifaces="127.0.0.1:6032" }
		mysql_variables= { interfaces="127.0.0.1:6033" }
	END
	inside proxysql -f -D /tmp/proxy -c /tmp/proxysql.cnf >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- 4>&- &
	program() { hostile PROXYSQL_ADMIN_USER=admin PROXYSQL_ADMIN_PASSWORD=secret sh -c "$(client proxysql)"; }
	for _ in {1..100}; do
		program <<<"SELECT 1;" | grep -qx 1 && break
		sleep 0.1
	done
	save='SAVE MYSQL USERS TO DISK; SAVE MYSQL SERVERS TO DISK; SAVE MYSQL QUERY RULES TO DISK;'
	hold() { printf "CAST(x'%s' AS TEXT)" "$(printf %s "$1" | od -An -v -tx1 | tr -d ' \n')"; }
	[ -z "$(
		program <<-END
			INSERT INTO main.mysql_users(username, password, max_connections, comment) VALUES($(hold $'a\nkubectl-dbupgrade-1\n"\'`\\!'),
				$(hold "p;'); DELETE FROM main.mysql_servers; --"), 77, $(hold $'ERROR 2013\tx'));
			INSERT INTO main.mysql_servers(hostgroup_id, hostname, port, weight, comment) VALUES(1, $(hold $'h\'\t\\\n'), 3307, 9, x'00ff');
			INSERT INTO main.mysql_query_rules(rule_id, match_pattern, replace_pattern) VALUES(5, $(hold '^\d+"'"'\$(touch /tmp/pwned)"), $(hold $'\\1\r\n'));
			$save
		END
	)" ]
	dump >"$BATS_TEST_TMPDIR/before"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/before")" = 3 ]
	{
		echo 'DELETE FROM main.mysql_users; DELETE FROM main.mysql_servers; DELETE FROM main.mysql_query_rules;'
		"${B:-$top/build}/test/unit/test_statements" statements proxysql 3.0.1 | program | sed -n 's/^row \(REPLACE .*password.*\|REPLACE .*_servers.*\|REPLACE .*_rules.*\)/\1;/p'
		echo "$save"
	} >"$BATS_TEST_TMPDIR/copy"
	[ "$(grep -c ^REPLACE "$BATS_TEST_TMPDIR/copy")" -ge 3 ]
	[ -z "$(program <"$BATS_TEST_TMPDIR/copy")" ]
	diff -u "$BATS_TEST_TMPDIR/before" <(dump)
	# What is no number in a column for numbers is none in the statement, either.
	[ -z "$(program <<<"UPDATE main.mysql_users SET max_connections = '7); DELETE FROM main.mysql_servers; --'; SAVE MYSQL USERS TO DISK;")" ]
	"${B:-$top/build}/test/unit/test_statements" statements proxysql 3.0.1 | program >"$BATS_TEST_TMPDIR/after"
	grep -q "VALUES(.*,7,CAST" "$BATS_TEST_TMPDIR/after"
	if grep -F DELETE "$BATS_TEST_TMPDIR/after"; then return 1; fi
	inside sh -c '! ls -d /tmp/pwned 2>&1'
}
