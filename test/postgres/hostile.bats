# What the program sends a Postgres is sent to servers whose users mean no good: it neither runs what
# they made, nor is kept from its answers, whatever things are called.
# shellcheck disable=SC2016,SC2154 # names are not expanded; what lib.bash and bats set
load lib

teardown() { pod_end; }

# questions ARG... prints what a server is sent.
questions() { "${B:-$top/build}/test/unit/test_postgres_sql" "$@"; }

# say sends what it reads as a session does.
say() {
	local command
	mapfile -d '' command < <(questions client)
	inside "${command[@]}"
}

# admin DATABASE [ARG...] is the tests' own psql, which nothing of this disturbs.
admin() {
	local options='-c role=none -c search_path=pg_catalog -c statement_timeout=0 -c session_preload_libraries= -c default_transaction_read_only=off'
	[ "$version" -lt 17 ] || options+=' -c event_triggers=off'
	PGOPTIONS=$options sql "$version" "$@"
}

inside() {
	nsenter --target "$pod" --mount --pid --ipc --net --root --wd setpriv --reuid=999 --regid=999 --clear-groups \
		env -i "PATH=${tools:+$tools:}/usr/sbin:/usr/bin:/sbin:/bin" HOME=/tmp PGDATA="$PGDATA" POSTGRES_USER=postgres POSTGRES_PASSWORD="it's" \
		PGOPTIONS="${PGOPTIONS:-}" "$@" 3>&- 4>&-
}

# words prints those of all statements, as SQL has them in a list.
words() { { questions ask "$1" "$2"; questions ask "$1" "$2" 1; questions count 1; } | grep -oE '[a-z_0-9]+' | sort -u | sed "s/.*/'&'/" | paste -sd,; }

# hostile IMAGE VERSION TO makes the server.
hostile() {
	version=${2%%.*}
	volume
	pod "$1"
	inside "$(bin "$version")/initdb" -D "$PGDATA" -U postgres -A trust -E UTF8 --locale C >/dev/null
	server "$version" "-c fsync=off -c max_locks_per_transaction=1000"
	admin postgres -c 'CREATE ROLE bob LOGIN' -c 'CREATE DATABASE app OWNER bob'
	admin app -c 'GRANT ALL ON SCHEMA public TO bob' -v "words=$(words "$2" "$3")" -f - <"$top/test/postgres/traps.sql"
	plain=$(admin app -c "SELECT 'public.plain'::regclass::oid")
	[ "$version" -lt 17 ] || admin app -c 'CREATE EVENT TRIGGER login ON login EXECUTE FUNCTION public.trap_login()'
	admin postgres -v ON_ERROR_STOP=0 -f - <"$top/test/postgres/settings.sql" 2>/dev/null
}

# unharmed: bob is what he was, and nothing of his was run.
unharmed() {
	! inside sort /tmp/sprung 2>/dev/null || return
	[ "$(admin postgres -c "SELECT rolsuper FROM pg_roles WHERE rolname = 'bob'")" = f ]
}

oid() { admin postgres -c "SELECT oid FROM pg_database WHERE datname = '$1'"; }

# asked ID prints the answer to a statement, of those that it reads.
asked() { sed -n "/^asked $1\$/,/^asked /{/^asked /!p;}"; }

# resists FROM TO: what is sent to a hostile server is answered as if it were none.
resists() {
	local said=$BATS_TEST_TMPDIR/said
	{ questions ask "$1" "$2"; questions ask "$1" "$2" "$(oid app)"; questions count "$plain"; } | say >"$said"
	unharmed
	! grep -E 'ERROR|FATAL' "$said" || return
	[ "$(grep -c '^pinned	$' "$said")" = 3 ]
	[ "$(asked contents <"$said" | head -1)" = "tables	1" ]
	[ "$(asked count <"$said" | questions read count)" = 77 ]
	[ "$(asked tables <"$said" | questions read databases)" = "$plain public.plain" ]
	grep -qx 'role	PRIMARY' "$said"
}

@test "nothing that its owner made is run in a database" {
	hostile postgres-old 15.0 17.0
	resists 15.0 17.0
}

@test "nothing is run when a database is entered" {
	hostile postgres-major 17.0 18.0
	resists 17.0 18.0
}

# A warning comes before all settings that could forbid it; the server may be reached by its socket alone.
@test "a warning at the door sends nobody away" {
	version=15
	tools=$(bin 15)
	volume
	pod postgres-old
	inside "$(bin 15)/initdb" -D "$PGDATA" -U postgres -A trust -E UTF8 --locale C >/dev/null
	nsenter --target "$pod" --mount --pid --root --wd sh -c 'mkdir -p /run/postgresql && mount -t tmpfs -o mode=777 tmpfs /run/postgresql'
	server 15 "-c fsync=off -c listen_addresses= -c unix_socket_directories=/tmp,/var/run/postgresql"
	admin postgres -c "UPDATE pg_database SET datlocprovider = 'i', daticulocale = 'en-US', datcollversion = '1' WHERE datname = 'postgres'"
	questions ask 15.0 17.0 | say >"$BATS_TEST_TMPDIR/said"
	grep -q '^WARNING:  database "postgres" has a collation version mismatch' "$BATS_TEST_TMPDIR/said"
	grep -qx 'role	PRIMARY' "$BATS_TEST_TMPDIR/said"
	! grep -E 'ERROR|FATAL' "$BATS_TEST_TMPDIR/said" || return
}

# Names, and what is shown of them.
names=(plain "$(printf 'line\nend')" "$(printf 'tab\tbed\r')" 'quo"te' "it's" 'back\slash' 'per%s%n' '$(touch /tmp/sprung)`touch /tmp/sprung`'
	'-c' ':n :"n"' 'a=b host=c' 'postgresql://x' ' ' "$(printf '\033[31mred')" "$(printf 'bidi\342\200\256x')" "$(printf 'gr\303\266\303\237e')" '";DROP TABLE x;--')
shown=(plain 'line\x0aend' 'tab\x09bed\x0d' 'quo"te' "it's" 'back\\slash' 'per%s%n' '$(touch /tmp/sprung)`touch /tmp/sprung`'
	'-c' ':n :"n"' 'a=b host=c' 'postgresql://x' ' ' '\x1b[31mred' 'bidi\xe2\x80\xaex' "$(printf 'gr\303\266\303\237e')" '";DROP TABLE x;--')

# quoted NAME prints it as SQL does.
quoted() { if [[ $1 =~ ^[a-z]+$ ]]; then echo "$1"; else echo "\"${1//\"/\"\"}\""; fi; }

# everything_counted FROM TO prints each database and its tables' rows, as the program learns them.
everything_counted() {
	local id name of said=$BATS_TEST_TMPDIR/said
	questions ask "$1" "$2" | say >"$said.home"
	asked databases <"$said.home" | questions read databases >"$said.databases"
	while IFS= read -r name; do
		id=${name%% *} name=${name#* }
		questions ask "$1" "$2" "$id" | say >"$said" || { echo "$name: $(tail -n 1 "$said")" >&2; return 1; }
		! grep -E 'ERROR|FATAL' "$said" || return
		questions read probes <"$said" | sed 's/^/  /'
		asked tables <"$said" | questions read databases >"$said.tables"
		{
			questions ask "$1" "$2" "$id" | sed '/^SELECT .asked/,$d'
			while IFS= read -r of; do
				questions count "${of%% *}"
			done <"$said.tables"
		} | say | sed '/^asked/d; /^pinned/d; s/^COPY //' >"$said.counts"
		paste -d ' ' <(sed "s/^[0-9]* //" "$said.tables") "$said.counts" | while IFS= read -r of; do
			echo "$name: $of"
		done
	done <"$said.databases"
}

@test "nothing is left out because of its name" {
	local i expected=$BATS_TEST_TMPDIR/expected
	version=15
	tools=$(bin 15) # without Debian's wrapper, which takes its time
	volume
	pod postgres-old
	inside "$(bin 15)/initdb" -D "$PGDATA" -U postgres -A trust -E UTF8 --locale C >/dev/null
	server 15 "-c fsync=off"
	admin postgres -c "CREATE DATABASE ascii TEMPLATE template0 ENCODING SQL_ASCII LOCALE 'C'"
	for i in "${!names[@]}"; do
		admin postgres -v "n=${names[i]}" -v e=UTF8 -v "rows=$((i + 1))" -v "n_type=${names[i]}t" -f - <"$top/test/postgres/names.sql"
		echo "${shown[i]}: $(quoted "${shown[i]}").$(quoted "${shown[i]}") $((i + 1))"
	done >"$expected"
	for i in SQL_ASCII LATIN1; do
		PGCLIENTENCODING=SQL_ASCII admin ascii -v "n=$(printf '\377\300%s' "$i")" -v "e=$i" -v rows=99 -v n_type=t -f - <"$top/test/postgres/names.sql"
		printf '%s: "%s"."%s" 99\n' '\xff\xc0'"$i" '\xff\xc0'"$i" '\xff\xc0'"$i"
	done >>"$expected"
	everything_counted 15.0 17.0 >"$BATS_TEST_TMPDIR/counted"
	diff <(sort "$expected") <(grep -v '^  \|[.]kinds 0$' "$BATS_TEST_TMPDIR/counted" | sort)
	! inside cat /tmp/sprung 2>/dev/null || return
}
