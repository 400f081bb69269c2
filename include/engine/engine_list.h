#ifndef ENGINE_ENGINE_LIST_H
#define ENGINE_ENGINE_LIST_H

/* One row an engine: lib/engine/NAME.c defines engine_NAME. */
#define ENGINE_LIST(ROW) ROW(mysql) ROW(perconaxtradb) ROW(postgres) ROW(proxysql)

#endif
