# shellcheck shell=sh disable=SC2034,SC2154 # the parts are one script: they share variables
# Part of postgres_major.sh: pg_upgrade, in the new image, with no server running. Sources:
# pg_upgrade's and initdb's manuals and messages (src/bin/pg_upgrade/check.c, exec.c).

# Both servers, while pg_upgrade runs them, are for it alone: any client of the socket in a
# private folder is trusted, nothing is archived, nobody is waited for.
server_options() {
	set -- "$1" hba_file="$W/hba.conf" logging_collector=off jit=off ssl=off archive_command=false synchronous_standby_names=
	preload=$(fact preload)
	[ -z "$preload" ] || set -- "$@" shared_preload_libraries="$preload"
	[ "$1" -lt 17 ] || set -- "$@" event_triggers=off
	for setting in $(carried "$1"); do
		set -- "$@" "$setting"
	done
	shift
	for option in "$@"; do
		printf ' -c %s' "$(quoted "$option")" # a shell reads it
	done
}

# carried MAJOR prints the old server's settings that both must have, "name=value" a line. Until 17
# the origins of subscriptions had the room of slots.
carried() {
	awk -F '\t' -v major="$1" '
		$1 == "setting" && $2 $3 ~ /^[a-z0-9_]+$/ { value[$2] = $3 }
		END {
			origins = "max_active_replication_origins"
			if (major >= 18 && !(origins in value) && "max_replication_slots" in value)
				value[origins] = value["max_replication_slots"]
			if (major < 18)
				delete value[origins]
			for (name in value)
				print name "=" value[name]
		}' "$W/facts"
}

# pg_upgrade has them read by one shell more, between double quotes.
upgrade_options() { server_options "$1" | sed 's/[\\"$`]/\\&/g'; }

# prepare_sockets makes what server_options and sockets name.
prepare_sockets() {
	mkdir -p "$W/run"
	chmod 700 "$W/run"
	echo 'local all all trust' >"$W/hba.conf"
}

# sockets prints a folder for sockets whose paths are short enough for the kernel.
sockets() {
	if [ ${#W} -lt 80 ]; then
		echo "$W/run"
	else
		mktemp -d /tmp/dbupgrade.XXXXXX
	fi
}

# prepare refuses what cannot go well, and tidies up after an attempt that was killed.
prepare() {
	[ "$(id -u)" != 0 ] || fail "this must run as the database's user, not as root"
	marked kept || fail "the old server's programs were not kept"
	[ "$(major_of "$PGDATA")" = "$FROM" ] || fail "the data is of version $(major_of "$PGDATA"), not $FROM"
	[ "$(binary_major "$BIN")" = "$TO" ] || fail "the image's server is of version $(binary_major "$BIN"), not $TO"
	[ ! -e /run_scripts/role ] || fail "the container may start a server at any moment: /run_scripts/role is there"
	! serving "$PGDATA" || fail "the old server still runs"
	[ "$(binary_major "$OLD/bin")" = "$FROM" ] || fail "the kept old server does not run in this image:" \
		"$("$OLD/bin/postgres" -V 2>&1)"
	check_preload
	check_restore
	# The kubelet may have opened the folder to the volume's group, which servers refuse.
	[ "$(fact group_access)" = 0750 ] || chmod 700 "$PGDATA"
	forget_postmaster "$PGDATA"
	prepare_sockets
	if [ -e "$PGDATA/global/pg_control.old" ] && [ ! -e "$PGDATA/global/pg_control" ]; then
		mv "$PGDATA/global/pg_control.old" "$PGDATA/global/pg_control" # of an interrupted --link
	fi
}

# check_preload names the libraries that the server starts with and the new image lacks.
check_preload() {
	missing=$(fact preload | tr ',' '\n' | while IFS= read -r library; do
		case $library in
		'' | */*) ;;
		*)
			[ -e "$BIN/../lib/$library.so" ] || [ -e "$BIN/../lib/postgresql/$library.so" ] ||
				[ -e "$("$BIN/pg_config" --pkglibdir 2>/dev/null)/$library.so" ] || echo "$library"
			;;
		esac
	done)
	[ -z "$missing" ] || fail "the new image lacks libraries of shared_preload_libraries:" "$missing"
}

# check_restore refuses names that a client of before CVE-2025-8715 takes for commands when it
# restores roles and tablespaces, which pg_upgrade does. One that is mended knows \\restrict.
check_restore() {
	[ "$(fact line_ends)" -gt 0 ] 2>/dev/null || return 0
	"$BIN/psql" --help=commands 2>/dev/null | grep -q '^ *.restrict ' ||
		fail "there are line ends in names of roles or tablespaces, and the new image's client, $("$BIN/psql" -V)," \
			"would take what follows them for commands. Rename them, or upgrade to a later version of $TO"
}

# recover brings the old cluster to a clean shutdown when its node or container crashed.
recover() {
	state=$(control "$PGDATA" 'Database cluster state')
	case $state in
	'shut down') return ;;
	'') fail "the old cluster's state cannot be read" ;;
	*recovery*) fail "the old cluster is a standby's ($state)" ;;
	esac
	[ ! -e "$PGDATA/standby.signal" ] || fail "the old cluster is a standby's"
	step "Recovering the old cluster, which was not shut down cleanly"
	(
		cd "$(sockets)" || exit 1
		"$OLD/bin/pg_ctl" -D "$PGDATA" -w -t 86400 -l "$W/job/server.log" \
			-o "-c listen_addresses= -c unix_socket_directories=$(quoted "$PWD") -c unix_socket_permissions=0700 $(server_options "$FROM")" start
		"$OLD/bin/pg_ctl" -D "$PGDATA" -m fast -w -t 86400 stop
	) || fail "the old cluster does not start: $(grep -E 'FATAL|PANIC|ERROR' "$W/job/server.log" | tail -n 3)"
}

# remove_new removes the new cluster, and its part of the tablespaces. Never what serves.
remove_new() {
	[ "$(major_of "$PGDATA")" = "$FROM" ] || fail "the data is of version $(major_of "$PGDATA"), not $FROM"
	unmark upgraded
	unmark fresh
	! postmaster "$NEW" >/dev/null || fail "a server runs on the new cluster"
	rm -rf "$NEW"
	clear_spaces "$PGDATA" "$TO"
}

# init_new makes the new cluster as the old one was made.
init_new() {
	if marked fresh && [ "$(major_of "$NEW")" = "$TO" ]; then
		return
	fi
	remove_new
	step "Making an empty cluster of version $TO"
	check_locales
	init_cluster "$NEW" "$TO"
}

# init_cluster DIR MAJOR makes a cluster by the recorded facts, with the image's programs.
init_cluster() {
	major=$2
	set -- --pgdata "$1" --username "$(fact superuser)" --auth-local trust --auth-host reject --no-sync \
		--encoding "$(fact encoding)" --lc-collate "$(fact collate)" --lc-ctype "$(fact ctype)" \
		--wal-segsize $(($(fact wal_segment_size) / 1048576))
	[ "$major" -lt 15 ] || case $(fact provider) in
	i) set -- "$@" --locale-provider icu --icu-locale "$(fact locale)" ;;
	b) set -- "$@" --locale-provider builtin --builtin-locale "$(fact locale)" ;;
	*) set -- "$@" --locale-provider libc ;;
	esac
	[ -z "$(fact rules)" ] || set -- "$@" --icu-rules "$(fact rules)"
	if [ "$(fact checksums)" = on ]; then
		set -- "$@" --data-checksums
	elif [ "$major" -ge 18 ]; then
		set -- "$@" --no-data-checksums
	fi
	[ "$(fact group_access)" != 0750 ] || set -- "$@" --allow-group-access
	LC_ALL=C "$BIN/initdb" "$@" >"$W/job/initdb.log" 2>&1 || fail "$(tail -n 3 "$W/job/initdb.log")"
}

# check_locales names the databases' locales that the new image lacks. initdb looks at the
# locale before it looks at the encoding: so with a senseless one it tells and ends.
check_locales() {
	missing=$(awk -F '\t' '$1 == "libc" { print $2; print $3 }' "$W/facts" | sort -u | while IFS= read -r locale; do
		locale=$(printf '%b' "$locale")
		! LC_ALL=C "$BIN/initdb" --pgdata "$W/none" --lc-collate "$locale" --lc-ctype "$locale" --encoding none 2>&1 |
			grep -q 'invalid locale' || echo "$locale"
	done)
	[ -z "$missing" ] || fail "the new image lacks locales of the databases:" "$missing"
}

# upgrade_with FLAG... runs pg_upgrade. Where it leaves files in its folder, they stay. Its own
# sessions, and those of the programs that it runs, take PGOPTIONS over: both servers must know
# what is in it. What the old one does not know, no setting of a role or database can be of.
upgrade_with() {
	cores=$(nproc 2>/dev/null || echo 1)
	[ "$cores" -lt 4 ] || cores=4
	(
		cd "$(sockets)" || exit 1
		PGOPTIONS=$(pins "$FROM" off 0) PGAPPNAME=dbupgrade
		export PGOPTIONS PGAPPNAME
		"$BIN/pg_upgrade" --old-bindir "$OLD/bin" --new-bindir "$BIN" --old-datadir "$PGDATA" --new-datadir "$NEW" \
			--username "$(fact superuser)" --jobs "$cores" --old-options "$(upgrade_options "$FROM")" --new-options "$(upgrade_options "$TO")" "$@"
	)
}

mode_flag() {
	case $1 in
	copy) ;;
	link | clone) echo "--$1" ;;
	*) fail "no mode $1: copy, link or clone" ;;
	esac
}

# make_new brings both clusters to where pg_upgrade can begin.
make_new() {
	recover
	init_new
	unmark fresh
}

# compare has pg_upgrade look, and change nothing.
compare() {
	flag=$(mode_flag "$1")
	make_new
	# shellcheck disable=SC2086 # none, or one
	upgrade_with --check $flag
}

job_check() {
	prepare
	compare "$1"
	mark fresh
	mark "checked.$1"
}

job_upgrade() {
	prepare
	flag=$(mode_flag "$1")
	# It looks at all before it changes anything; but what is refused is not to leave the mark.
	if [ "$1" = link ]; then
		compare "$1"
		mark linked
	else
		make_new
	fi
	# shellcheck disable=SC2086
	upgrade_with $flag
	step "Carrying the configuration over"
	carry_configuration
	mark upgraded
}

# --- configuration ------------------------------------------------------------------------

# carry_configuration copies what people put into the data directory: configuration files,
# folders that they include, certificates. What is large is none of these and stays behind.
carry_configuration() {
	for entry in "$PGDATA"/* "$PGDATA"/.[!.]*; do
		case ${entry##*/} in
		pg_*.conf | pg_*.d) ;;
		log | logfile) [ -L "$entry" ] || continue ;;
		base | global | pg_* | PG_VERSION | postmaster.* | current_logfiles) continue ;;
		backup_* | tablespace_map* | *.signal | *.old | core* | lost+found) continue ;;
		esac
		if [ ! -e "$entry" ] && [ ! -L "$entry" ]; then
			continue
		fi
		if [ "$(du -sk "$entry" | cut -f 1)" -gt 16384 ]; then
			step "left behind, as it is large: $entry"
			continue
		fi
		rm -rf "${NEW:?}/${entry##*/}"
		cp -RPp "$entry" "$NEW/"
	done
	leave_archive
	rm -f "$W/refused"
	for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		if LC_ALL=C "$BIN/postgres" -C data_directory -D "$NEW" -c lc_messages=C >"$W/job/refused" 2>&1; then
			return
		fi
		drop_refused <"$W/job/refused" || break
	done
	fail "the new server refuses the configuration: $(grep -vE 'HINT|contains errors' "$W/job/refused")"
}

# leave_archive empties the settings of recovery where they outrank all other files, which standbys
# copy with the data. What was set there moves to the end of the other file: ALTER SYSTEM RESET has
# each be what it was.
leave_archive() {
	: >"$W/recovery"
	touch "$NEW/postgresql.auto.conf" "$NEW/postgresql.conf"
	names=$(awk -F '\t' '$1 == "recovery" && $2 ~ /^[a-z_]+$/ { print $2 }' "$W/facts")
	for name in $names; do
		grep "^[[:space:]]*${name}[[:space:]=]" "$NEW/postgresql.auto.conf" >>"$W/recovery" || :
		LC_ALL=C awk -v name="$name" '$0 !~ "^[ \t]*" name "[ \t=]" { print }' "$NEW/postgresql.auto.conf" >"$W/job/file"
		case $name in
		recovery_target_timeline) printf "%s = 'latest'\n" "$name" ;;
		*) printf "%s = ''\n" "$name" ;;
		esac >>"$W/job/file"
		cat "$W/job/file" >"$NEW/postgresql.auto.conf"
	done
	[ ! -s "$W/recovery" ] || cat "$W/recovery" >>"$NEW/postgresql.conf"
}

# drop_refused comments out the settings that the new server's messages name; fails when it
# can comment out none of them.
drop_refused() {
	dropped=1
	sed -n "s/^[^\"]*parameter \"\([^\"]*\)\" in file \"\(.*\)\" line \([0-9]*\).*/\1$TAB\2$TAB\3$TAB&/p
		t
		s/^.*syntax error in file \"\(.*\)\" line \([0-9]*\).*/?$TAB\1$TAB\2$TAB&/p
		t
		s/^[^\"]*parameter \"\([^\"]*\)\".*/\1$TAB-$TAB-$TAB&/p" >"$W/job/refusals"
	while IFS="$TAB" read -r name file line reason; do
		case $name/$line in
		*[!A-Za-z0-9_.?/-]*) continue ;;
		esac
		if [ "$file" = - ]; then
			find "$NEW" -maxdepth 2 -name '*.conf' -exec grep -lsE "^[[:space:]]*${name}[[:space:]=]" {} + || :
		else
			printf '%s\n' "$file"
		fi >"$W/job/files"
		while IFS= read -r file; do
			case $file in
			*/../*) continue ;;
			"$NEW"/*) ;;
			"$PGDATA"/*) file=$NEW/${file#"$PGDATA"/} ;;
			*) fail "version $TO refuses a setting in $file, which is not in the data directory: $reason" ;;
			esac
			LC_ALL=C awk -v line="$line" -v name="$name" -v to="$TO" '
				FNR == line || (line == "-" && $0 ~ "^[ \t]*" name "[ \t=]") {
					$0 = "# refused by version " to ": " $0
				}
				{ print }' "$file" >"$W/job/file"
			cat "$W/job/file" >"$file"
			dropped=0
			printf 'setting\t["%s", %s]\n' "$name" "$(printf '%s' "$reason" | json)" >>"$W/refused"
		done <"$W/job/files"
	done <"$W/job/refusals"
	return $dropped
}

# --- what went wrong ----------------------------------------------------------------------

# explain LOG prints why pg_upgrade or another program failed: what it said after the last
# check that went well, with the reports and logs that it names.
explain() {
	text=$(awk '/(ok|fatal) *$/ || /^(Checking|Performing|---)/ { text = ""; next }
		/^Failure, exiting/ || /^ *$/ { next }
		/the probable cause of the failure|^child process exited abnormally|^\*failure\*/ { next }
		/^WARNING:/ { warned = 1; next } # of a server, to each of the sessions
		warned && /^(DETAIL|HINT):/ { next }
		{ warned = 0 }
		{ text = text $0 "\n" }
		END { printf "%s", text }' "$1")
	printf '%s\n' "${text:-$(tail -n 4 "$1")}" | while IFS= read -r line; do
		file=$(printf '%s\n' "$line" | sed 's/^ *//; s/.*last few lines of "\(.*\)" for.*/\1/; s/ *$//')
		case $file in
		*/../* | ../* | -*) file= ;;
		"$NEW"/* | "$W"/*) ;;
		/*) file= ;; # what pg_upgrade writes lies there
		esac
		case $file in
		*pg_upgrade_server.log*) find "$NEW" "$W/run" -name 'pg_upgrade_server*.log' -exec grep -hE 'FATAL|PANIC' {} + | tail -n 3 ;;
		*.log) grep -hsE 'ERROR|FATAL|PANIC|error:|could not' "$file" "$W/run/$file" | tail -n 3 ;;
		*.txt) head -qn 6 "$file" "$W/run/$file" 2>/dev/null ;;
		*) printf '%s\n' "$line" ;;
		esac
	done
}
