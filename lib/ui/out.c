#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/sig.h"
#include "base/str.h"
#include "base/visible.h"
#include "ui/text.h"
#include "ui/ui_private.h"

enum {
    OUT_QUEUE_MAX = 4 * 1024 * 1024,
    OUT_TEXT_MAX = 256 * 1024 * 1024,
    OUT_PART = 64 * 1024,
    OUT_CHUNK = 4096, /* a stream that is ready takes so much without waiting */
    OUT_CHUNK_TTY = 256,
    OUT_LOOK_MS = 200,
    OUT_PAUSE_MS = 20,
    OUT_LAST_MS = 2000, /* who asked to stop does not wait longer for the last words */
};

/* The locale's encoding, by the variables that decide it: libc would say ASCII where the
 * locale is only not installed, and the terminal is as the user's own machine has it. */
static bool
out_is_utf8(void)
{
    static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    const char *locale = NULL;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        locale = getenv(names[i]);
        if (locale != NULL && *locale != '\0') {
            break;
        }
    }
    if (locale == NULL) {
        return false;
    }
    locale = strchr(locale, '.');
    return locale != NULL && (strncasecmp(locale, ".utf-8", 6) == 0 ||
                              strncasecmp(locale, ".utf8", 5) == 0);
}

/* Only a terminal gets colours: a log file that is full of them cannot be read. */
static bool
out_wants_color(FILE *file, bool no_color)
{
    const char *none = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    return !no_color && (none == NULL || *none == '\0') && term != NULL &&
           *term != '\0' && !str_eq(term, "dumb") && isatty(fileno(file));
}

void
ui_out_init(struct ui_out *o, FILE *file, bool no_color)
{
    *o = (struct ui_out){
        .file = file,
        .fd = -1,
        .color = out_wants_color(file, no_color),
        .utf8 = out_is_utf8(),
        .queue = BUF_LIMIT(OUT_QUEUE_MAX),
    };
}

/* A terminal that we can open anew: a write to it never waits then, and the mode of the
 * one that others have open too stays as it is. -1: it cannot. */
static int
out_reopen(int fd)
{
    char name[128];
    struct stat was;
    struct stat is;
    int again = -1;

    if (!isatty(fd) || ttyname_r(fd, name, sizeof name) != 0 || fstat(fd, &was) < 0) {
        return -1;
    }
    again = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (again >= 0 && (fstat(again, &is) < 0 || is.st_rdev != was.st_rdev)) {
        (void)close(again);
        return -1;
    }
    return again;
}

void
ui_out_queue(struct ui_out *o, bool events)
{
    int own = -1;

    (void)fflush(o->file);
    o->fd = fileno(o->file); /* -1: a stream in memory */
    o->events = events;
    o->terminal = o->fd >= 0 && isatty(o->fd); /* one that hung up is none any more */
    own = o->fd >= 0 ? out_reopen(o->fd) : -1;
    o->own = own >= 0;
    o->fd = own >= 0 ? own : o->fd;
}

void
ui_out_free(struct ui_out *o)
{
    buf_free(&o->queue);
    if (o->own) {
        (void)close(o->fd);
    }
    o->fd = -1;
}

static void
out_write_now(struct ui_out *o, const char *data, size_t len)
{
    if (fwrite(data, 1, len, o->file) != len || fflush(o->file) != 0) {
        o->broken = true;
    }
}

/* Nobody is there any more: as good as ^C. A terminal that hangs up says so by a signal
 * to those whom it concerns; only who reads the events is needed in any case. */
static void
out_gone(struct ui_out *o, bool pipe)
{
    o->broken = true;
    if (pipe || o->events) {
        sig_stop_safely(pipe ? SIGPIPE : SIGHUP);
    }
}

static void
out_failed(struct ui_out *o)
{
    if (errno == EINTR || errno == EAGAIN) {
        return;
    }
    if (errno == EPIPE || errno == EIO) {
        out_gone(o, errno == EPIPE);
    } else {
        out_write_now(o, buf_text(&o->queue), o->queue.len); /* stdio keeps the error */
        o->broken = true;
    }
}

static bool
out_is_ready(const struct ui_out *o, int wait_ms)
{
    struct pollfd p = { .fd = o->fd, .events = POLLOUT };

    return poll(&p, 1, wait_ms) > 0;
}

static void
out_flush(struct ui_out *o, int wait_ms)
{
    size_t most = o->terminal ? OUT_CHUNK_TTY : OUT_CHUNK;
    size_t done = 0;

    while (!o->broken && done < o->queue.len && out_is_ready(o, wait_ms)) {
        size_t left = o->queue.len - done;
        ssize_t sent = write(o->fd, o->queue.data + done, left < most ? left : most);

        if (sent < 0) {
            out_failed(o);
            break;
        }
        done += (size_t)sent;
    }
    buf_drop(&o->queue, done);
}

void
ui_out_finish(struct ui_out *o)
{
    enum sig_stop asked = sig_asked();
    long long since = clock_ms();

    while (o->fd >= 0 && !o->broken && o->queue.len > 0 && sig_asked() == asked &&
           (asked == SIG_STOP_NONE || clock_ms() - since < OUT_LAST_MS)) {
        size_t before = o->queue.len;

        out_flush(o, OUT_LOOK_MS);
        if (o->queue.len == before) {
            (void)poll(NULL, 0,
                       OUT_PAUSE_MS); /* "ready" may be for less than a character */
        }
    }
}

void
ui_out_tick(struct ui_out *o)
{
    struct pollfd p = { .fd = o->fd, .events = 0 };

    if (o->fd < 0 || o->broken) {
        return;
    }
    if (poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP)) != 0) {
        out_gone(o, !o->terminal && (p.revents & POLLERR) != 0);
        return;
    }
    out_flush(o, 0);
}

/* All escape sequences that are ever written. */
static const struct out_mark {
    const char *mark;
    const char *sequence;
} out_marks[] = {
    { TEXT_PLAIN, "\033[0m" },
    { TEXT_BOLD, "\033[1m" },
    { TEXT_DIM, "\033[2m" },
    { TEXT_RED, "\033[31m" },
    { TEXT_GREEN, "\033[32m" },
    { TEXT_YELLOW, "\033[33m" },
    { TEXT_BEGIN, "\033[?25l\033[?7l" },
    { TEXT_END, "\033[?7h\033[?25h" },
    { TEXT_HOME, "\r" },
    { TEXT_UP, "\033[1A" },
    { TEXT_ERASE_REST, "\033[K" },
    { TEXT_ERASE_BELOW, "\033[J" },
};

static const struct out_mark *
out_find_mark(const char *data, size_t len)
{
    for (size_t i = 0; i < sizeof out_marks / sizeof *out_marks; i++) {
        size_t n = strlen(out_marks[i].mark);

        if (n <= len && memcmp(data, out_marks[i].mark, n) == 0) {
            return &out_marks[i];
        }
    }
    return NULL;
}

/* Whatever a caller may have put into it: marks become sequences, all else is visible. */
static void
out_make(struct buf *b, const char *data, size_t len)
{
    while (len > 0) {
        const char *next = memchr(data + 1, (unsigned char)TEXT_MARK, len - 1);
        const struct out_mark *m = out_find_mark(data, len);
        size_t n = m != NULL      ? strlen(m->mark)
                   : next != NULL ? (size_t)(next - data)
                                  : len;

        if (m != NULL) {
            (void)!buf_puts(b, m->sequence);
        } else {
            (void)!visible_add(b, data, n, VISIBLE_LINES);
        }
        data += n;
        len -= n;
    }
}

void
ui_out_write(struct ui_out *o, const char *text, size_t text_len)
{
    auto_buf struct buf made = BUF_LIMIT(OUT_TEXT_MAX);
    const char *data = NULL;
    size_t len = 0;

    if (o->broken || text_len == 0) {
        return;
    }
    out_make(&made, text, text_len);
    data = buf_text(&made);
    len = made.len;
    if (o->fd < 0) {
        out_write_now(o, data, len);
        return;
    }
    while (len > 0) {
        size_t part = len < OUT_PART ? len : OUT_PART;

        if (buf_add(&o->queue, data, part) < 0) {
            ui_out_finish(o);
            (void)!buf_add(&o->queue, data, part);
        }
        out_flush(o, 0);
        data += part;
        len -= part;
    }
}

void
line_start(struct ui_line *l, const struct ui_out *o)
{
    *l = (struct ui_line){ .out = o };
}

void
line_add(struct ui_line *l, const char *fmt, ...)
{
    char text[4096];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    text_add(&l->text, text, l->out->utf8);
}

void
line_color(struct ui_line *l, enum ui_color color)
{
    static const char *const marks[] = {
        [UI_PLAIN] = TEXT_PLAIN, [UI_BOLD] = TEXT_BOLD,   [UI_DIM] = TEXT_DIM,
        [UI_RED] = TEXT_RED,     [UI_GREEN] = TEXT_GREEN, [UI_YELLOW] = TEXT_YELLOW,
    };

    if (l->out->color) {
        (void)!buf_puts(&l->text, marks[color]);
    }
}

void
line_add_color(struct ui_line *l, enum ui_color color, const char *text)
{
    if (color == UI_PLAIN) {
        line_add(l, "%s", text);
        return;
    }
    line_color(l, color);
    line_add(l, "%s", text);
    line_color(l, UI_PLAIN);
}

void
line_pad(struct ui_line *l, size_t column)
{
    size_t at = text_columns(buf_text(&l->text));

    line_add(l, "%*s", at < column ? (int)(column - at) : 1, "");
}

void
line_write(struct ui_line *l, struct ui_out *o)
{
    size_t len = l->text.len;

    while (len > 0 && isspace((unsigned char)l->text.data[len - 1])) {
        len--;
    }
    l->text.len = len;
    (void)!buf_puts(&l->text, "\n");
    ui_out_write(o, buf_text(&l->text), l->text.len);
    buf_reset(&l->text);
}

void
line_fold(struct ui_line *l, struct ui_out *o, size_t width, size_t indent)
{
    const char *rest = buf_text(&l->text);
    auto_line struct ui_line piece = { .out = o };

    if (width <= indent + 10 || text_columns(rest) <= width) {
        line_write(l, o);
        return;
    }
    for (size_t at = 0; *rest != '\0'; at = indent) {
        size_t len = text_fit(rest, width - at);

        (void)!buf_printf(&piece.text, "%*s%.*s", (int)at, "", (int)len, rest);
        line_write(&piece, o);
        rest += len;
        rest += strspn(rest, " ");
    }
    buf_reset(&l->text);
}

void
line_free(struct ui_line *l)
{
    buf_free(&l->text);
}
