# What a server is asked before it goes to another series: every question is answered, and finds what
# it is for.
# shellcheck disable=SC2154 # what lib.bash and bats set
load lib

setup() { volume; }
teardown() { pod_end; }

@test "5.7 is asked what 8.0 would refuse" {
	pod mysql-57-new
	server --sql-mode= --max-prepared-stmt-count=100
	[ -z "$(found 5.7.44 8.0.43)" ]
	long=$(printf 'x%.0s' {1..256})
	sql <<-END
		CREATE DATABASE app; USE app;
		CREATE TABLE plain(id INT PRIMARY KEY, a TIME, b DATETIME(3), c TIMESTAMP, d DATE DEFAULT '2000-01-01');
		CREATE TABLE zero(d DATE DEFAULT '0000-00-00');
		CREATE TABLE \`rank\`(\`system\` INT);
		CREATE TABLE old(id INT) ENGINE=MyISAM PARTITION BY HASH(id) PARTITIONS 2;
		CREATE TABLESPACE shared ADD DATAFILE 'shared.ibd' ENGINE=InnoDB;
		CREATE TABLE parts(id INT) TABLESPACE shared PARTITION BY HASH(id) PARTITIONS 2;
		CREATE TABLE elements(e ENUM('$long'), f ENUM('${long:2}'));
		CREATE TABLE mysql.events(id INT);
		CREATE PROCEDURE sorted() SELECT id, COUNT(*) FROM plain GROUP BY id DESC;
		CREATE PROCEDURE unsorted() SELECT id, COUNT(*) FROM plain GROUP BY id ORDER BY id DESC;
		CREATE PROCEDURE secret() SELECT PASSWORD('x');
		CREATE PROCEDURE no_secret() SELECT my_password('x'), password_x;
		SET sql_mode='ORACLE';
		CREATE PROCEDURE oracle() SELECT 1;
		INSERT INTO mysql.proc(db,name,type,specific_name,param_list,returns,body,comment) VALUES('gone','r','PROCEDURE','r','','','','');
		XA START 'x'; INSERT INTO plain(id) VALUES(1); XA END 'x'; XA PREPARE 'x';
	END
	sleep 2
	diff -u - <(found 5.7.44 8.0.43) <<-END
		my.xa
		  transaction $(sql <<<'SELECT trx_id FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id=0')
		my.system_names
		  mysql.events$(printf ' ')
		my.partitions
		  app.old$(printf ' ')
		my.shared_partitions
		  app.parts#P#p0$(printf ' ')
		  app.parts#P#p1$(printf ' ')
		my.elements
		  app.elements.e$(printf ' ')
		my.orphaned_routines
		  gone.r$(printf ' ')
		my.group_by
		  procedure app.sorted
		my.functions
		  procedure app.secret
		my.sql_modes
		  procedure app.oracle
		my.zero_dates
		  app.zero.d$(printf ' ')
		my.words
		  app.rank$(printf ' ')
		  app.rank.system$(printf ' ')
	END
}

@test "a new server answers what those before it are asked, and knows no setting that is said to be gone" {
	pod mysql-group
	server
	[ -z "$(found 8.0.43 8.4.8)" ]
	[ -z "$(found 8.4.8 9.7.4)" ]
	settings=$({ questions 8.0.43 8.4.8 && questions 8.4.8 9.7.4; } | grep -o "WHERE VARIABLE_NAME IN ([^)]*)" | sort -u)
	[[ $settings = *default_authentication_plugin* ]]
	while read -r condition; do
		[ -z "$(sql <<<"SELECT VARIABLE_NAME FROM performance_schema.global_variables $condition")" ]
	done <<<"$settings"
	sql <<-'END'
		CREATE DATABASE app; USE app;
		CREATE TABLE plain(id INT PRIMARY KEY, `parallel` INT);
		CREATE TABLE parent(a INT, b INT, UNIQUE KEY(a, b));
		SET restrict_fk_on_non_standard_key=OFF;
		CREATE TABLE child(a INT, CONSTRAINT loose FOREIGN KEY(a) REFERENCES parent(a));
		CREATE TABLE good(a INT, b INT, FOREIGN KEY(a, b) REFERENCES parent(a, b));
		XA START 'x'; INSERT INTO plain VALUES(1, 1); XA END 'x'; XA PREPARE 'x';
	END
	sleep 2
	[ "$(found 8.0.43 8.4.8 | sed 's/[0-9]* *$//')" = "my.xa
  transaction 
my.foreign_keys
  app.child.loose
my.words
  app.plain.parallel" ]
}

@test "an account with limits, and one whose password expires" {
	for image in mysql-57-new mysql-group; do
		pod $image
		server
		[ -z "$(found 9.7.4 9.7.5)" ]
		sql <<<"ALTER USER root@localhost WITH MAX_QUERIES_PER_HOUR 100000 MAX_USER_CONNECTIONS 5 PASSWORD EXPIRE INTERVAL 1 DAY"
		[ "$(found 9.7.4 9.7.5)" = "my.account
  root@localhost MAX_QUERIES_PER_HOUR
my.account
  root@localhost " ]
		sql <<<"ALTER USER root@localhost WITH MAX_QUERIES_PER_HOUR 0 MAX_USER_CONNECTIONS 50 PASSWORD EXPIRE INTERVAL 90 DAY"
		[ -z "$(found 9.7.4 9.7.5)" ]
		volume
	done
}

@test "a group tells at the end whether it speaks as older members did" {
	pod mysql-group
	server --server-id=1 --log-bin=binlog --gtid-mode=ON --enforce-gtid-consistency=ON --report-host=127.0.0.1 --skip-networking=OFF \
		--plugin-load-add=group_replication.so --loose-group-replication-start-on-boot=OFF \
		--loose-group-replication-group-name=aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa \
		--loose-group-replication-local-address=127.0.0.1:33061 --loose-group-replication-ip-allowlist=127.0.0.1/8
	[ -z "$(sql <<<'SET GLOBAL group_replication_bootstrap_group=ON; START GROUP_REPLICATION')" ]
	ask=$("${B:-$top/build}/test/unit/test_mysql_probes" 9.7.4)
	[ -z "$(sql <<<"$ask")" ]
	sql <<<"SELECT group_replication_set_communication_protocol('8.0.16')"
	[ "$(sql <<<"$ask")" = 8.0.16 ]
	sql <<<"SELECT group_replication_set_communication_protocol('9.7.4')"
	[ -z "$(sql <<<"$ask")" ]
}
