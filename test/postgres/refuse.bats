# What the script that upgrades a Postgres in its pod refuses, and in which words.
load lib

setup_file() { seed; }
setup() { mine; }
teardown() { pod_end; }

@test "not in this order" {
	pod postgres-old
	refused 'the server is down' job keep
	refused 'there is no upgraded cluster to swap in' major swap
	refused 'the new cluster is not in its place' major started
	refused 'the new server has not been started' major delete
	refused 'no command fly' major fly
	from=x refused 'usage: COMMAND FROM TO' major state
	from=13 refused 'the data is of version 15, not 13' job keep
	pod postgres-major
	refused "the old server's programs were not kept" job upgrade copy
	refused "the image's server is of version 17, not 15" job keep
	[ "$(value data)" = 15 ]
}

# laid_out WHAT COMMAND... changes the data directory of a server that is down, as root.
laid_out() {
	pod postgres-old
	nsenter --target "$pod" --mount --root --wd sh -ec "${*:2}"
	[[ $(major layout) = "layout	["*"$1"* ]]
	server 15
	refused "$1" job keep
	[ ! -e "$PV/.dbupgrade/15-17/kept" ]
	stop 15
	pod_end
}

@test "a data directory that a new one would not be like" {
	pod postgres-old
	[ -z "$(major layout)" ]
	laid_out 'a part of it is a link to elsewhere' 'mv /var/pv/data/pg_wal /var/pv/wal; ln -s /var/pv/wal /var/pv/data/pg_wal'
	laid_out 'another volume is mounted in it' 'rm /var/pv/data/pg_wal; mkdir /var/pv/data/pg_wal; mount --bind /var/pv/wal /var/pv/data/pg_wal'
	rmdir "$PV/data/pg_wal"
	mv "$PV/wal" "$PV/data/pg_wal"
	laid_out 'it is a mount point, which cannot be replaced' 'mount --bind /var/pv/data /var/pv/data'
	laid_out 'it is a link itself' 'mv /var/pv/data /var/pv/real; ln -s real /var/pv/data'
	rm "$PV/data"
	mv "$PV/real" "$PV/data"
	laid_out 'a tablespace lies in it' 'd=/var/pv/data/inside; mkdir $d; ln -s $d /var/pv/data/pg_tblspc/99999'
}

@test "a container that may start a server" {
	at_new
	inside mkdir /run_scripts/role
	[ "$(value role)" = present ]
	refused 'may start a server at any moment' job upgrade copy
	major hold
	[ "$(value role)" = held ]
	major hold
	[ "$(value role)" = held ]
	job check copy
	major release
	major release
	[ "$(value role)" = present ]
}

@test "cloning on a file system that cannot" {
	at_new
	case $(stat -f -c %T "$PV") in xfs | btrfs) skip "$(stat -f -c %T "$PV") can clone" ;; esac
	refused 'could not clone file' job check clone
	[ "$(value linked)" = no ]
	back
}

@test "types that pg_upgrade cannot carry over" {
	pod postgres-old
	server 15
	sql 15 app -c 'CREATE TABLE bad(p regproc)'
	job keep
	job stop
	pod postgres-major
	refused 'reg\* data types .* In database: app; public.bad.p' job check copy
	[[ $(value job_error) != *WARNING* ]]
	refused 'reg\* data types' job upgrade link
	[ "$(value new)" = partial ]
	[ "$(value linked)" = no ]
	back
}

@test "prepared transactions" {
	pod postgres-old
	echo 'max_prepared_transactions = 2' >>"$PV/data/postgresql.conf"
	server 15
	sql 15 app -c BEGIN -c 'CREATE TABLE p()' -c "PREPARE TRANSACTION 'x'"
	job keep
	job stop
	pod postgres-major
	refused 'source cluster contains prepared transactions' job check copy
}

@test "libraries and locales that the new image lacks" {
	pod postgres-old
	server 15
	job keep
	job stop
	sed -i 's/^preload.*/&,nothere/; s/^libc	C	C/&\nlibc	xx_YY.UTF-8	C/' "$PV/.dbupgrade/15-17/facts"
	pod postgres-major
	refused 'lacks libraries of shared_preload_libraries: nothere$' job check copy
	sed -i 's/,nothere//' "$PV/.dbupgrade/15-17/facts"
	refused 'lacks locales of the databases: xx_YY.UTF-8$' job check copy
}

@test "a tablespace inside the data directory" {
	pod postgres-old
	server 15
	inside mkdir "$PGDATA/inside"
	sql 15 postgres -c "CREATE TABLESPACE inside LOCATION '$PGDATA/inside'"
	refused 'inside the data directory.*: "inside"\.' job keep
	[ "$(value kept)" = no ]
}

@test "a setting outside of the data directory" {
	pod postgres-old
	echo "include '/var/pv/user.conf'" >>"$PV/data/postgresql.conf"
	echo "old_snapshot_threshold = 3" >"$PV/user.conf"
	chmod 644 "$PV/user.conf"
	server 15
	job keep
	job stop
	pod postgres-major
	refused '/var/pv/user.conf, which is not in the data directory: .*old_snapshot_threshold' job upgrade copy
	sed -i d "$PV/user.conf"
	job upgrade copy
	grep -q "^include '/var/pv/user.conf'" "$PV/data-17.new/postgresql.conf"
	swap_and_start
}

@test "to remove a primary's data" {
	pod postgres-old
	server 15
	refused 'a server runs' major rebuild
	stop 15
	refused "not a standby's" major rebuild
	at_new
	refused 'not a standby' major rebuild
	[ "$(value data)" = 15 ]
}

@test "names that pg_upgrade, or the new image's clients, cannot take" {
	pod postgres-old
	server 15
	sql 15 postgres -c "CREATE DATABASE \"x
y\""
	refused 'line ends in names of databases.*Rename them: "x.ny"' job keep
	refused 'Rename them: "x.ny"' major schema
	sql 15 postgres -c "ALTER DATABASE \"x
y\" RENAME TO x" -c "CREATE ROLE \"x
\\! touch /var/pv/R\""
	job keep
	job stop
	pod postgres-major
	# An image of before the mend: its client does not know \restrict.
	inside sh -ec 'cp "$1" /tmp/psql; printf "#!/bin/sh\nexec /tmp/psql \"\$@\" | grep -v restrict\n" >/tmp/old; chmod 755 /tmp/old' psql "$(bin 17)/psql"
	nsenter --target "$pod" --mount --root mount --bind /tmp/old "$(bin 17)/psql"
	refused 'line ends in names of roles or tablespaces, .* a later version of 17' job check copy
	pod postgres-major
	job check copy
	[ ! -e "$PV/R" ]
}
