#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/visible.h"

enum { LOG_LINE = 4096 };

static int log_current;

void
log_set_level(int level)
{
    log_current = level;
}

int
log_level(void)
{
    return log_current;
}

void
log_debug(int level, const char *fmt, ...)
{
    auto_buf struct buf line = BUF_LIMIT(LOG_LINE * 16);
    char text[LOG_LINE];
    char time[32];
    va_list ap;

    if (level > log_current) {
        return;
    }
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)!visible_add(&line, text, strlen(text), VISIBLE_LINE);
    (void)fprintf(stderr, "%.8s %s\n",
                  clock_rfc3339(clock_wall_ms(), time, sizeof time) + 11,
                  buf_text(&line));
}
