#ifndef LIB_ENGINE_MYSQL_PROBES_SQL_H
#define LIB_ENGINE_MYSQL_PROBES_SQL_H

/*
 * The longer statements of lib/engine/mysql_probes.c. One column named o, one object a
 * row. Patterns are in the dialect of 5.7 where they are asked of 5.7 alone.
 */

#define MY_SYSTEM        "('mysql','sys','information_schema','performance_schema')"
#define MY_USERS(schema) schema " NOT IN " MY_SYSTEM

#define MY_COLUMN  "CONCAT(c.TABLE_SCHEMA,'.',c.TABLE_NAME,'.',c.COLUMN_NAME)"
#define MY_COLUMNS "information_schema.COLUMNS c"
#define MY_TABLE   "CONCAT(t.TABLE_SCHEMA,'.',t.TABLE_NAME)"
#define MY_TABLES  "information_schema.TABLES t"

/* InnoDB knows the types that had no fractions of seconds as integers (MTYPE 6). */
#define MY_OLD_TEMPORALS                                                             \
    "SELECT " MY_COLUMN " AS o FROM " MY_COLUMNS                                     \
    " JOIN information_schema.INNODB_SYS_TABLES t"                                   \
    " ON t.NAME=CONCAT(c.TABLE_SCHEMA,'/',c.TABLE_NAME)"                             \
    " JOIN information_schema.INNODB_SYS_COLUMNS k ON k.TABLE_ID=t.TABLE_ID"         \
    " AND k.NAME=c.COLUMN_NAME WHERE c.DATA_TYPE IN ('time','datetime','timestamp')" \
    " AND k.MTYPE=6 AND " MY_USERS("c.TABLE_SCHEMA")

/* Tables of the data dictionary, and others that 8.0 makes in mysql. */
#define MY_NEW_SYSTEM_TABLES                                                             \
    "'catalogs','character_sets','check_constraints','collations','column_statistics',"  \
    "'column_type_elements','columns','dd_properties','events',"                         \
    "'foreign_key_column_usage','foreign_keys','index_column_usage','index_partitions'," \
    "'index_stats','indexes','parameter_type_elements','parameters','resource_groups',"  \
    "'routines','schemata','st_spatial_reference_systems','table_partition_values',"     \
    "'table_partitions','table_stats','tables','tablespace_files','tablespaces',"        \
    "'triggers','view_routine_usage','view_table_usage','component','default_roles',"    \
    "'global_grants','innodb_ddl_log','innodb_dynamic_metadata','password_history',"     \
    "'role_edges'"

/* InnoDB's names: those with other characters than letters, digits and _ are written with
 * @ and left out; partitions have a # behind the table's name. */
#define MY_INNODB_SCHEMA(t) "SUBSTRING_INDEX(" t ".NAME,'/',1)"
#define MY_INNODB_TABLE(t)  "SUBSTRING_INDEX(SUBSTRING_INDEX(" t ".NAME,'/',-1),'#',1)"
#define MY_ORPHANS                                                                       \
    "SELECT DISTINCT CONCAT(" MY_INNODB_SCHEMA("s") ",'.'," MY_INNODB_TABLE(             \
        "s") ") AS o FROM information_schema.INNODB_SYS_TABLES s LEFT JOIN " MY_TABLES   \
             " ON t.TABLE_SCHEMA=" MY_INNODB_SCHEMA(                                     \
                 "s") " AND t.TABLE_NAME=" MY_INNODB_TABLE("s") " WHERE s.NAME LIKE "    \
                                                                "'%/%' AND s.NAME NOT "  \
                                                                "LIKE '%@%' AND s.NAME " \
                                                                "NOT LIKE '%/#%'"        \
                                                                " AND s.NAME NOT LIKE "  \
                                                                "'%/FTS|_%' ESCAPE '|' " \
                                                                "AND t.TABLE_NAME IS "   \
                                                                "NULL"

/* Every text of a stored program or view, with its name, that matches a pattern. */
#define MY_PROGRAMS(pattern)                                                             \
    "SELECT CONCAT(LOWER(ROUTINE_TYPE),' ',ROUTINE_SCHEMA,'.',ROUTINE_NAME) AS o"        \
    " FROM information_schema.ROUTINES WHERE ROUTINE_DEFINITION REGEXP " pattern         \
    " AND " MY_USERS(                                                                    \
        "ROUTINE_SCHEMA") " UNION ALL SELECT CONCAT('trigger "                           \
                          "',TRIGGER_SCHEMA,'.',TRIGGER_NAME)"                           \
                          " FROM information_schema.TRIGGERS WHERE ACTION_STATEMENT "    \
                          "REGEXP " pattern " AND " MY_USERS(                            \
                              "TRIGGER_SCHEMA") " UNION ALL SELECT CONCAT('event "       \
                                                "',EVENT_SCHEMA,'.',EVENT_NAME)"         \
                                                " FROM information_schema.EVENTS WHERE " \
                                                "EVENT_DEFINITION REGEXP " pattern       \
                                                " UNION ALL SELECT CONCAT('view "        \
                                                "',TABLE_SCHEMA,'.',TABLE_NAME)"         \
                                                " FROM information_schema.VIEWS WHERE "  \
                                                "VIEW_DEFINITION REGEXP " pattern        \
                                                " AND " MY_USERS("TABLE_SCHEMA")

/* GROUP BY whose list has ASC or DESC behind one of its first members; ORDER BY after it
 * does not match. */
#define MY_SPACE "[[:space:]]"
#define MY_GROUPED                                                               \
    "'group" MY_SPACE "+by" MY_SPACE "+([^[:space:],()]+" MY_SPACE "*," MY_SPACE \
    "*)*[^[:space:],()]+" MY_SPACE "+(asc|desc)[[:>:]]'"
#define MY_GONE_FUNCTIONS                                                       \
    "'[[:<:]](encode|decode|encrypt|des_encrypt|des_decrypt|password)" MY_SPACE \
    "*[(].*[)]'"

#define MY_GONE_MODES                                                               \
    "'DB2|MSSQL|MYSQL323|MYSQL40|NO_FIELD_OPTIONS|NO_KEY_OPTIONS|NO_TABLE_OPTIONS|" \
    "ORACLE|POSTGRESQL|MAXDB'"

/* Names that a version takes for words of its own. */
#define MY_WORDS(words)                                                               \
    "SELECT CONCAT('schema ',SCHEMA_NAME) AS o FROM information_schema.SCHEMATA"      \
    " WHERE UPPER(SCHEMA_NAME) IN (" words ") UNION ALL SELECT " MY_TABLE             \
    " FROM " MY_TABLES " WHERE UPPER(t.TABLE_NAME) IN (" words ") AND " MY_USERS(     \
        "t.TABLE_SCHEMA") " UNION ALL SELECT " MY_COLUMN " FROM " MY_COLUMNS          \
                          " WHERE UPPER(c.COLUMN_NAME) IN (" words ") AND " MY_USERS( \
                              "c.TABLE_SCHEMA") " UNION ALL SELECT "                  \
                                                "CONCAT(LOWER(ROUTINE_TYPE),' "       \
                                                "',ROUTINE_SCHEMA,'.',"               \
                                                "ROUTINE_NAME) FROM "                 \
                                                "information_schema.ROUTINES WHERE "  \
                                                "UPPER(ROUTINE_NAME) IN (" words      \
                                                ") AND " MY_USERS("ROUTINE_SCHEMA")

/* The parent's key is none, or is longer than the foreign key. */
#define MY_LOOSE_FOREIGN_KEYS                                                        \
    "SELECT CONCAT(r.CONSTRAINT_SCHEMA,'.',r.TABLE_NAME,'.',r.CONSTRAINT_NAME) AS o" \
    " FROM information_schema.REFERENTIAL_CONSTRAINTS r"                             \
    " WHERE r.UNIQUE_CONSTRAINT_NAME IS NULL OR (SELECT COUNT(*)"                    \
    " FROM information_schema.KEY_COLUMN_USAGE k"                                    \
    " WHERE k.CONSTRAINT_SCHEMA=r.CONSTRAINT_SCHEMA AND k.TABLE_NAME=r.TABLE_NAME"   \
    " AND k.CONSTRAINT_NAME=r.CONSTRAINT_NAME)<(SELECT COUNT(*)"                     \
    " FROM information_schema.STATISTICS s"                                          \
    " WHERE s.TABLE_SCHEMA=r.UNIQUE_CONSTRAINT_SCHEMA"                               \
    " AND s.TABLE_NAME=r.REFERENCED_TABLE_NAME"                                      \
    " AND s.INDEX_NAME=r.UNIQUE_CONSTRAINT_NAME)"

#define MY_PERSISTED(names)                                                 \
    "SELECT VARIABLE_NAME AS o FROM performance_schema.persisted_variables" \
    " WHERE VARIABLE_NAME IN (" names ")"

#define MY_NATIVE                                       \
    "SELECT CONCAT(User,'@',Host) AS o FROM mysql.user" \
    " WHERE plugin='mysql_native_password' AND account_locked='N'"

#endif
