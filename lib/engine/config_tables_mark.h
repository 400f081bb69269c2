#ifndef LIB_ENGINE_CONFIG_TABLES_MARK_H
#define LIB_ENGINE_CONFIG_TABLES_MARK_H

/* How a printed row of a configuration begins: no warning of a client does. */
#define CONFIG_MARK_TEXT "row "

#endif
