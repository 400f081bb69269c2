#ifndef LIB_ENGINE_POSTGRES_SESSION_H
#define LIB_ENGINE_POSTGRES_SESSION_H

/* What users call something, in hex: its bytes as they are, whatever the database's
 * encoding. It needs standard_conforming_strings. */
#define PG_HEX(name) \
    "encode(decode(replace((" name ")::text, '\\', '\\\\'), 'escape'), 'hex')"

/* engine.session_argv, engine.pins. */
extern const char *const postgres_session_argv[];
extern const char postgres_pins[];

/* What the client reads to go to a database: engine.enter. */
extern const char postgres_enter[];

/* What it reads to count a table's rows: engine.count. */
extern const char postgres_count[];

#endif
