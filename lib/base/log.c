#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

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
    char time[32];
    va_list ap;

    if (level > log_current) {
        return;
    }
    (void)fprintf(stderr, "%.8s ",
                  clock_rfc3339(clock_wall_ms(), time, sizeof time) + 11);
    va_start(ap, fmt);
    (void)vfprintf(stderr, fmt, ap);
    va_end(ap);
    (void)fputc('\n', stderr);
}
