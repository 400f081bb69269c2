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
	inside mysqld --no-defaults --initialize-insecure --datadir=/tmp/data --secure-file-priv=NULL >/dev/null 2>&1
	inside mysqld --no-defaults --datadir=/tmp/data --secure-file-priv=NULL --socket=/tmp/socket --loose-mysqlx=OFF --skip-networking "$@" \
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
