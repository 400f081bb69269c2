/*
 * What a MySQL server is asked before it goes to another series. The settings are not
 * asked here: the new server itself looks at them (mysql_trial.c).
 *
 * Sources: "Preparing Your Installation for Upgrade" and "Changes in MySQL" of the
 * reference manuals 8.0, 8.4 and 9.x, and what MySQL Shell's util.checkForServerUpgrade()
 * looks for. Left out: what changes nothing by the upgrade alone (utf8mb3, new defaults,
 * deprecations), and what no statement tells (tables' files that are damaged).
 */
#include "engine/mysql_probes.h"

#include "engine/mysql_account.h"
#include "engine/mysql_probes_sql.h"

enum { MY_57 = 50700, MY_80 = 80000, MY_84 = 80400, MY_90 = 90000 };

#define MY_ERROR (PROBE_MAJOR | PROBE_ERROR)

/* A row for those who come from below a version and go to it or beyond. */
#define FROM_57 .since = MY_57, .below = MY_80, .to = MY_80
#define TO_84   .since = MY_80, .below = MY_84, .to = MY_84
#define TO_90   .since = MY_80, .below = MY_90, .to = MY_90

const struct engine_probe mysql_probes[] = {
    /* -- whatever series -- */
    { .id = "my.xa",
      .flags = MY_ERROR,
      .text = "prepared transactions without a connection",
      .hint = "list them with XA RECOVER; end them with XA COMMIT or XA ROLLBACK",
      .sql =
          "SELECT CONCAT('transaction ',trx_id) AS o FROM information_schema.INNODB_TRX"
          " WHERE trx_mysql_thread_id=0 AND trx_state='RUNNING'"
          " AND trx_started<NOW()-INTERVAL 1 SECOND" },

    { .id = "my.account", MYSQL_ACCOUNT_PROBE },
    { .id = "my.account",
      .flags = PROBE_ERROR,
      .text =
          "the account that the program uses has a password that expires within a day",
      .hint = "ALTER USER ... PASSWORD EXPIRE NEVER",
      .sql = MYSQL_ACCOUNT_EXPIRES },

    /* -- 5.7 to 8.0 -- */
    { .id = "my.old_temporals",
      .flags = MY_ERROR,
      FROM_57,
      .text = "temporal columns in the format from before 5.6.4",
      .hint = "rewrite them with ALTER TABLE ... FORCE",
      .sql = MY_OLD_TEMPORALS },
    { .id = "my.system_names",
      .flags = MY_ERROR,
      FROM_57,
      .text = "tables whose names the new version reserves",
      .hint = "move them to another schema with RENAME TABLE",
      .sql = "SELECT " MY_TABLE " AS o FROM " MY_TABLES " WHERE t.TABLE_SCHEMA='mysql'"
             " AND LOWER(t.TABLE_NAME) IN (" MY_NEW_SYSTEM_TABLES ")" },
    { .id = "my.partitions",
      .flags = MY_ERROR,
      FROM_57,
      .text = "partitioned tables whose engine has no native partitioning",
      .hint = "ALTER TABLE ... ENGINE=InnoDB, or REMOVE PARTITIONING",
      .sql = "SELECT " MY_TABLE " AS o FROM " MY_TABLES
             " WHERE t.CREATE_OPTIONS LIKE '%partitioned%'"
             " AND UPPER(t.ENGINE) NOT IN ('INNODB','NDB','NDBCLUSTER')" },
    { .id = "my.shared_partitions",
      .flags = MY_ERROR,
      FROM_57,
      .text = "partitions in shared tablespaces",
      .hint = "ALTER TABLE ... REORGANIZE PARTITION ... TABLESPACE=innodb_file_per_table",
      .sql = "SELECT REPLACE(NAME,'/','.') AS o FROM information_schema.INNODB_SYS_TABLES"
             " WHERE NAME LIKE '%#P#%' AND SPACE_TYPE<>'Single'" },
    { .id = "my.foreign_key_names",
      .flags = MY_ERROR,
      FROM_57,
      .text = "foreign key names longer than 64 characters",
      .hint = "ALTER TABLE ... DROP FOREIGN KEY, then ADD it with a shorter name",
      .sql = "SELECT REPLACE(ID,'/','.') AS o FROM information_schema.INNODB_SYS_FOREIGN"
             " WHERE CHAR_LENGTH(SUBSTRING_INDEX(ID,'/',-1))>64" },
    { .id = "my.elements",
      .flags = MY_ERROR,
      FROM_57,
      .text = "ENUM or SET columns with elements longer than 255 characters",
      .hint = "change them with ALTER TABLE ... MODIFY",
      .sql = "SELECT " MY_COLUMN " AS o FROM " MY_COLUMNS
             " WHERE c.DATA_TYPE IN ('enum','set')"
             " AND c.COLUMN_TYPE REGEXP '[^'']{255}[^'']'"
             " AND " MY_USERS("c.TABLE_SCHEMA") },
    { .id = "my.view_columns",
      .flags = MY_ERROR,
      FROM_57,
      .text = "view columns with names longer than 64 characters",
      .hint = "recreate the views with shorter names",
      .sql = "SELECT CONCAT(v.TABLE_SCHEMA,'.',v.TABLE_NAME) AS o"
             " FROM information_schema.VIEWS v JOIN " MY_COLUMNS
             " ON c.TABLE_SCHEMA=v.TABLE_SCHEMA AND c.TABLE_NAME=v.TABLE_NAME"
             " WHERE CHAR_LENGTH(c.COLUMN_NAME)>64" },
    { .id = "my.orphans",
      .flags = MY_ERROR,
      FROM_57,
      .text = "tables known to InnoDB but not to the server",
      .hint = "restore their .frm files, or let InnoDB drop them (manual, "
              "\"Troubleshooting InnoDB Data Dictionary Operations\")",
      .sql = MY_ORPHANS },
    { .id = "my.orphaned_routines",
      .flags = MY_ERROR,
      FROM_57,
      .text = "routines whose schema no longer exists",
      .hint = "DELETE them FROM mysql.proc",
      .sql = "SELECT CONCAT(p.db,'.',p.name) AS o FROM mysql.proc p"
             " LEFT JOIN information_schema.SCHEMATA s ON s.SCHEMA_NAME=p.db"
             " WHERE s.SCHEMA_NAME IS NULL" },
    { .id = "my.definers",
      .flags = MY_ERROR,
      FROM_57,
      .text = "triggers without a definer",
      .hint = "recreate them",
      .sql = "SELECT CONCAT(TRIGGER_SCHEMA,'.',TRIGGER_NAME) AS o"
             " FROM information_schema.TRIGGERS WHERE DEFINER=''" },
    { .id = "my.group_by",
      .flags = MY_ERROR,
      FROM_57,
      .text = "stored programs or views with GROUP BY ... ASC or DESC, which was removed",
      .hint = "recreate them with ORDER BY",
      .sql = MY_PROGRAMS(MY_GROUPED) },
    { .id = "my.letter_case",
      .flags = MY_ERROR,
      FROM_57,
      .text = "names with capital letters while lower_case_table_names is 1",
      .hint = "rename them with RENAME TABLE while lower_case_table_names=0",
      .sql = "SELECT " MY_TABLE " AS o FROM " MY_TABLES
             " WHERE @@GLOBAL.lower_case_table_names=1"
             " AND BINARY " MY_TABLE "<>BINARY LOWER(" MY_TABLE ")"
             " AND " MY_USERS("t.TABLE_SCHEMA") },
    { .id = "my.folders",
      .flags = PROBE_MAJOR,
      FROM_57,
      .text = "directories in the data directory whose names are not valid schema names",
      .hint = "remove them, or run mysqlcheck --fix-db-names",
      .sql = "SELECT SCHEMA_NAME AS o FROM information_schema.SCHEMATA"
             " WHERE SCHEMA_NAME LIKE '#mysql50#%'" },
    { .id = "my.functions",
      .flags = PROBE_MAJOR,
      FROM_57,
      .text = "stored programs or views that use removed functions",
      .hint = "use AES_ENCRYPT(), AES_DECRYPT() or SHA2(), and ALTER USER for passwords",
      .sql = MY_PROGRAMS(MY_GONE_FUNCTIONS) },
    { .id = "my.sql_modes",
      .flags = PROBE_MAJOR,
      FROM_57,
      .text = "stored programs created under removed sql_modes, which they lose",
      .hint = "recreate those that depend on them",
      .sql = "SELECT CONCAT(LOWER(ROUTINE_TYPE),' ',ROUTINE_SCHEMA,'.',ROUTINE_NAME) AS o"
             " FROM information_schema.ROUTINES WHERE SQL_MODE REGEXP " MY_GONE_MODES
             " AND " MY_USERS("ROUTINE_SCHEMA") " UNION ALL SELECT CONCAT('trigger "
                                                "',TRIGGER_SCHEMA,'.',TRIGGER_NAME)"
                                                " FROM information_schema.TRIGGERS WHERE "
                                                "SQL_MODE REGEXP " MY_GONE_MODES
                                                " UNION ALL SELECT CONCAT('event "
                                                "',EVENT_SCHEMA,'.',EVENT_NAME)"
                                                " FROM information_schema.EVENTS WHERE "
                                                "SQL_MODE REGEXP " MY_GONE_MODES },
    { .id = "my.zero_dates",
      .flags = PROBE_MAJOR,
      FROM_57,
      .text = "columns with a zero date as default, which strict mode rejects",
      .hint = "ALTER TABLE ... ALTER COLUMN ... SET DEFAULT",
      .sql = "SELECT " MY_COLUMN " AS o FROM " MY_COLUMNS
             " WHERE c.DATA_TYPE IN ('date','datetime','timestamp')"
             " AND (c.COLUMN_DEFAULT LIKE '0000-%' OR c.COLUMN_DEFAULT LIKE '%-00%')"
             " AND " MY_USERS("c.TABLE_SCHEMA") },
    { .id = "my.words",
      .flags = PROBE_MAJOR,
      FROM_57,
      .text = "names that are reserved words in the new version",
      .hint = "clients and stored programs must quote them with backticks",
      .sql = MY_WORDS("'CUBE','CUME_DIST','DENSE_RANK','EMPTY','EXCEPT','FIRST_VALUE',"
                      "'FUNCTION','GROUPING','GROUPS','INTERSECT','JSON_TABLE','LAG',"
                      "'LAST_VALUE','LATERAL','LEAD','NTH_VALUE','NTILE','OF','OVER',"
                      "'PERCENT_RANK','RANK','RECURSIVE','ROW','ROWS','ROW_NUMBER',"
                      "'SYSTEM','WINDOW'") },

    /* -- to 8.4 -- */
    { .id = "my.auto_increment",
      .flags = MY_ERROR,
      TO_84,
      .text =
          "AUTO_INCREMENT columns of type FLOAT or DOUBLE, which are no longer supported",
      .hint = "change them to BIGINT with ALTER TABLE ... MODIFY",
      .sql = "SELECT " MY_COLUMN " AS o FROM " MY_COLUMNS
             " WHERE c.EXTRA LIKE '%auto_increment%' AND c.DATA_TYPE IN"
             " ('float','double') AND " MY_USERS("c.TABLE_SCHEMA") },
    { .id = "my.keyring",
      .flags = MY_ERROR,
      TO_84,
      .text = "removed keyring plugins that hold the keys of encrypted tables",
      .hint = "migrate the keys to a keyring component (mysql_migrate_keyring)",
      .sql = "SELECT PLUGIN_NAME AS o FROM information_schema.PLUGINS"
             " WHERE PLUGIN_STATUS='ACTIVE' AND PLUGIN_NAME IN"
             " ('keyring_file','keyring_encrypted_file','keyring_oci')" },
    { .id = "my.native_password",
      .flags = PROBE_MAJOR,
      TO_84,
      .text = "accounts that use mysql_native_password, which 8.4 disables by default",
      .hint = "ALTER USER ... IDENTIFIED WITH caching_sha2_password, or set "
              "mysql_native_password=ON in the configuration",
      .sql = MY_NATIVE },
    { .id = "my.foreign_keys",
      .flags = PROBE_MAJOR,
      TO_84,
      .text = "foreign keys whose parent has no unique key on exactly these columns; "
              "they cannot be recreated",
      .hint =
          "add a unique key to the parents, or set restrict_fk_on_non_standard_key=OFF",
      .sql = MY_LOOSE_FOREIGN_KEYS },
    { .id = "my.privileges",
      .flags = PROBE_MAJOR,
      TO_84,
      .text = "accounts with the privilege SET_USER_ID, which the upgrade removes",
      .hint = "GRANT SET_ANY_DEFINER and ALLOW_NONEXISTENT_DEFINER afterwards",
      .sql = "SELECT CONCAT(USER,'@',HOST) AS o FROM mysql.global_grants"
             " WHERE PRIV='SET_USER_ID' AND USER NOT LIKE 'mysql.%' AND USER<>'root'" },
    { .id = "my.persisted",
      .flags = PROBE_MAJOR,
      TO_84,
      .text = "persisted settings that the new version does not know and ignores",
      .hint = "remove them with RESET PERSIST",
      .sql = MY_PERSISTED(
          "'default_authentication_plugin','binlog_transaction_dependency_tracking',"
          "'expire_logs_days','log_bin_use_v1_row_events','master_info_repository',"
          "'relay_log_info_repository','relay_log_info_file','master_info_file',"
          "'transaction_write_set_extraction','slave_rows_search_algorithms',"
          "'group_replication_ip_whitelist','avoid_temporal_upgrade',"
          "'show_old_temporals','old','new','authentication_fido_rp_id'") },
    { .id = "my.words",
      .flags = PROBE_MAJOR,
      TO_84,
      .text = "names that are reserved words in the new version",
      .hint = "clients and stored programs must quote them with backticks",
      .sql = MY_WORDS("'MANUAL','PARALLEL','QUALIFY','TABLESAMPLE'") },

    /* -- to 9 -- */
    { .id = "my.native_password",
      .flags = MY_ERROR,
      TO_90,
      .text = "accounts that use mysql_native_password, which was removed: they cannot "
              "log in any more",
      .hint = "ALTER USER ... IDENTIFIED WITH caching_sha2_password, or ACCOUNT LOCK",
      .sql = MY_NATIVE },
    { .id = "my.persisted",
      .flags = PROBE_MAJOR,
      TO_90,
      .text = "persisted settings that the new version does not know and ignores",
      .hint = "remove them with RESET PERSIST",
      .sql = MY_PERSISTED("'mysql_native_password_proxy_users'") },
    { .id = "my.words",
      .flags = PROBE_MAJOR,
      TO_90,
      .text = "names that are reserved words in the new version",
      .hint = "clients and stored programs must quote them with backticks",
      .sql = MY_WORDS("'LIBRARY'") },
    { 0 },
};
