# Shared by the tests of what MySQL servers are asked. No cluster: a "pod" is a chroot into the root
# file system of a test image, as in the tests of Postgres.
# shellcheck shell=bash
load ../postgres/lib

# inside COMMAND... runs it in the container, as the image's user.
inside() {
	# shellcheck disable=SC2154 # set by pod
	nsenter --target "$pod" --mount --pid --ipc --net --root --wd setpriv --reuid=1001 --regid=1001 --clear-groups \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp "$@" 3>&- 4>&-
}

# volume makes an empty one.
volume() {
	PV=$BATS_TEST_TMPDIR/pv
	mkdir -p "$PV"
	chown 1001:1001 "$PV"
}

# server [OPTION...] makes an empty server in the container and waits until it answers.
server() {
	local first=(mysqld --no-defaults --initialize-insecure --secure-file-priv=NULL)
	local own=(--secure-file-priv=NULL --loose-mysqlx=OFF)
	if inside sh -c 'command -v mariadb-install-db' >/dev/null; then
		first=(mariadb-install-db --no-defaults --force --auth-root-authentication-method=normal --skip-test-db)
		own=()
		inside mkdir -p /tmp/data
	fi
	inside "${first[@]}" --datadir=/tmp/data >/dev/null 2>&1
	inside mysqld --no-defaults --datadir=/tmp/data --socket=/tmp/socket --skip-networking "${own[@]}" "$@" \
		>"$BATS_TEST_TMPDIR/log" 2>&1 3>&- 4>&- &
	for _ in {1..300}; do
		sql <<<'SELECT 1' >/dev/null 2>&1 && return
		sleep 0.1
	done
	cat "$BATS_TEST_TMPDIR/log"
	return 1
}

# sql prints the answers to statements, and errors among them.
sql() { inside mysql --no-defaults --socket=/tmp/socket -u root -N -B --force 2>&1; }

# questions FROM TO prints what a server is asked on that way.
questions() { "${B:-$top/build}/test/unit/test_mysql_probes" "$1" "$2"; }

# found FROM TO prints the questions that find something, each once.
found() {
	local answer
	answer=$(questions "$1" "$2" | sql)
	! grep ERROR <<<"$answer" || return
	awk '$1 == "asked" { id = $2 } $1 == "count" { print id } $1 == "object" { print "  " $3, $4 }' <<<"$answer"
}

# client ENGINE|front|source prints what the program runs in a pod, by sh -c.
client() {
	case $1 in
	front | source) "${B:-$top/build}/test/unit/test_statements" "$1" ;;
	*) "${B:-$top/build}/test/unit/test_statements" client "$1" ;;
	esac
}

# mylogin prints a .mylogin.cnf with the given lines: a key of zeroes, then each line with its length.
mylogin() {
	local line text
	head -c 24 /dev/zero
	for line in "$@"; do
		text=$(printf '%s\n' "$line" | openssl enc -aes-128-ecb -K 00000000000000000000000000000000 | base64 -w 0)
		# shellcheck disable=SC2059 # a byte
		printf "\\x$(printf %x "$(base64 -d <<<"$text" | wc -c)")\\0\\0\\0"
		base64 -d <<<"$text"
	done
}

# hostile COMMAND... runs it in a container whose files and variables would command a client.
hostile() {
	inside sh -ec 'mkdir -p /tmp/home; cat >/tmp/home/.my.cnf; cp /tmp/home/.my.cnf /tmp/home/.mylogin.txt' <<-'END'
		[client]
		init-command="CREATE DATABASE pwned"
		user=nobody
		port=1
		plugin-dir=/tmp/evil
		[mysql]
		tee=/tmp/pwned
		table
		raw
		safe-updates
		database=app
	END
	mylogin '[client]' 'user = nobody' 'port = 1' '[mysql]' 'tee = /tmp/pwned' | inside sh -ec 'umask 77; cat >/tmp/home/.mylogin.cnf'
	inside HOME=/tmp/home MYSQL_HOST=nowhere.invalid MYSQL_TCP_PORT=1 MYSQL_UNIX_PORT=/tmp/none MYSQL_HOME=/tmp/home MYSQL_GROUP_SUFFIX=x \
		LIBMYSQL_PLUGINS=evil LIBMYSQL_PLUGIN_DIR=/tmp/evil LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN=1 MYSQL_PS1='\h' PAGER='tee /tmp/pwned' \
		MARIADB_TCP_PORT=1 MYSQL_TEST_LOGIN_FILE=/tmp/home/.mylogin.cnf MYSQL_ROOT_PASSWORD=secret "$@"
}

# account lets the program in as it is let in by KubeDB.
account() {
	sql <<-'END'
		DROP USER IF EXISTS root@'127.0.0.1';
		CREATE USER root@'127.0.0.1' IDENTIFIED BY 'secret';
		GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;
	END
}
