#include "engine/gate.h"

#include <stdio.h>

#include "base/str.h"
#include "base/sum.h"

enum gate_verdict
gate_version(const struct gate_want *w, const struct gate_seen *s, char *now, char *want,
             size_t size)
{
    str_copy(now, size, s->member->version);
    str_copy(want, size, w->version);
    return engine_version_is(s->member->version, w->version) ? GATE_OK : GATE_FAILED;
}

enum gate_verdict
gate_member(const struct gate_want *w, const struct gate_seen *s, char *now, char *want,
            size_t size)
{
    const struct member_report *m = s->member;
    bool group = engine_is_group(w->topology);
    bool serves = engine_member_serves(w->topology, m);
    bool whole = !group || (m->members == w->members && m->online == w->members);

    str_copy(now, size, m->state);
    str_copy(want, size, engine_state_wanted(w->topology, m->role));
    if (!serves && m->queue > 0) {
        str_append(now, size, ", queue %lld", m->queue);
    }
    if (serves && !whole) {
        str_append(now, size, ", %u of %u online", m->online, m->members);
        str_append(want, size, ", %u of %u online", w->members, w->members);
    }
    return serves && whole ? GATE_OK : GATE_WAIT;
}

enum gate_verdict
gate_queue(const struct gate_want *w, const struct gate_seen *s, char *now, char *want,
           size_t size)
{
    (void)w;
    (void)snprintf(now, size, "queue %lld", s->member->queue);
    str_copy(want, size, "queue 0");
    return s->member->queue == 0 ? GATE_OK : GATE_WAIT;
}

enum gate_verdict
gate_position(const struct gate_want *w, const struct gate_seen *s, char *now, char *want,
              size_t size)
{
    bool asked = w->position != NULL && *w->position != '\0';
    bool reached = !asked || s->position_reached;

    str_copy(now, size, !asked ? "not queried" : reached ? "reached" : "behind");
    str_copy(want, size, "reached");
    if (!reached) {
        str_append(now, size, ", queue %lld", s->member->queue);
    }
    return reached ? GATE_OK : GATE_WAIT;
}

const struct measure *
engine_find_measure(const struct measures *m, const char *id, const char *of)
{
    for (size_t i = 0; i < m->n; i++) {
        if (str_eq(m->at[i].id, id) && str_eq(m->at[i].of, of)) {
            return &m->at[i];
        }
    }
    return NULL;
}

/* Whether a measure is one that a wanted server may be asked to compare. A checksum that
 * may differ by some percent says nothing. */
static bool
gate_compares(const struct engine_measure *row, const struct gate_want *w)
{
    return (!row->estimate || !w->no_estimates) && (!row->sum || w->size_tolerance <= 0);
}

/* The least that a measure may be now. */
static long long
gate_least(const struct engine_measure *row, long long before, const struct gate_want *w)
{
    double own =
        w->another_major && row->major_percent > 0 ? row->major_percent : row->percent;
    double percent = w->size_tolerance >= 0 ? w->size_tolerance : own;
    double share = (double)before * (percent > 100 ? 100 : percent) / 100;
    long long loss = row->slack;

    if (share > (double)row->slack) {
        loss = share < (double)before ? (long long)share : before;
    }
    return before > loss ? before - loss : 0;
}

/* The most that an exact measure may be: as much more as it may be less. */
static long long
gate_most(long long before, long long least)
{
    long long most = sum_add(before, sum_subtract(before, least));

    return most > 0 ? most : 0;
}

char *
engine_show_measure(const struct engine_measure *row, long long value, char *out,
                    size_t size)
{
    if (row->bytes) {
        str_bytes(value, out, size);
    } else if (row->sum) {
        (void)snprintf(out, size, "%s with checksum %llx", row->title,
                       (unsigned long long)value);
    } else {
        (void)snprintf(out, size, "%lld %s", value, row->title);
    }
    return out;
}

/* The sum of a measure over all databases; -1: it was not measured. */
static long long
gate_sum(const struct measures *m, const char *id)
{
    long long sum = -1;

    for (size_t i = 0; i < m->n; i++) {
        if (str_eq(m->at[i].id, id)) {
            sum = sum_add(sum < 0 ? 0 : sum, m->at[i].value);
        }
    }
    return sum;
}

/* Whether nothing is left of what there was: no table, or no byte in two thousand. What
 * was not measured is not missed. */
static bool
gate_is_emptied(const struct measures *before, const struct measures *now)
{
    enum { GATE_NOTHING = 2000 }; /* -100.0 %, as people read it */
    const struct measure *had = engine_find_measure(before, "bytes", "");
    const struct measure *has = engine_find_measure(now, "bytes", "");

    return (gate_sum(before, "tables") > 0 && gate_sum(now, "tables") == 0) ||
           (had != NULL && has != NULL && has->value < had->value / GATE_NOTHING);
}

/* "an empty database: 0 tables, 32.0 MiB" and "20 tables, 10.0 GiB". */
static void
gate_describe_empty(const struct measures *m, char *out, size_t size)
{
    const struct measure *bytes = engine_find_measure(m, "bytes", "");
    long long tables = gate_sum(m, "tables");

    if (tables >= 0) {
        str_append(out, size, "%lld tables", tables);
    }
    if (bytes != NULL) {
        char text[32];

        str_append(out, size, "%s%s", tables >= 0 ? ", " : "",
                   str_bytes(bytes->value, text, sizeof text));
    }
}

enum gate_verdict
gate_empty(const struct gate_want *w, const struct measures *is, char *now, char *want,
           size_t size)
{
    if (w->may_be_empty || w->before == NULL || !gate_is_emptied(w->before, is)) {
        return GATE_OK;
    }
    str_copy(now, size, "an empty database: ");
    gate_describe_empty(is, now, size);
    str_copy(want, size, "");
    gate_describe_empty(w->before, want, size);
    return GATE_FAILED;
}

/* A measure, and what it was. */
struct gate_pair {
    const struct engine_measure *row;
    const char *of;
    long long before, value, least;
    long long most; /* negative: any */
    bool missing;   /* it is not there now */
};

/* "12.4 GiB (+0.1%)" and ">= 12.3 GiB"; "app: 11 tables". */
static void
gate_describe(const struct gate_pair *p, char *now, char *want, size_t size)
{
    char text[64];

    if (p->missing) {
        (void)snprintf(text, sizeof text, "%s unknown", p->row->title);
    } else {
        engine_show_measure(p->row, p->value, text, sizeof text);
    }
    (void)snprintf(now, size, "%s%s%s", p->of, p->of[0] != '\0' ? ": " : "", text);
    if (p->before > 0 && !p->missing && !p->row->exact) {
        str_append(now, size, " (%+.1f%%)",
                   100.0 * ((double)p->value - (double)p->before) / (double)p->before);
    }
    engine_show_measure(p->row, p->least, text, sizeof text);
    (void)snprintf(want, size, "%s%s", p->least == p->most ? "" : ">= ", text);
    if (p->most > p->least) {
        engine_show_measure(p->row, p->most, text, sizeof text);
        str_append(want, size, " and <= %s", text);
    }
}

static bool
gate_fell(const struct gate_pair *p)
{
    return p->missing || p->value < p->least || (p->most >= 0 && p->value > p->most);
}

/* False where the measure is not compared. */
static bool
gate_pair(const struct engine_measure *row, const struct measure *before,
          const struct gate_want *w, const struct gate_seen *s, struct gate_pair *out)
{
    const struct measure *is = engine_find_measure(s->now, row->id, before->of);
    long long least = gate_least(row, before->value, w);

    if (!str_eq(before->id, row->id) || (is == NULL && !row->needed)) {
        return false;
    }
    *out = (struct gate_pair){ .row = row,
                               .of = before->of,
                               .before = before->value,
                               .value = is != NULL ? is->value : 0,
                               .least = least,
                               .most = row->exact ? gate_most(before->value, least) : -1,
                               .missing = is == NULL };
    return true;
}

enum gate_verdict
gate_size(const struct engine_measure *rows, const struct gate_want *w,
          const struct gate_seen *s, char *now, char *want, size_t size)
{
    bool described = false;

    str_copy(now, size, w->before == NULL ? "not queried" : "not measured yet");
    str_copy(want, size, "as before");
    if (w->before == NULL || s->now == NULL) {
        return w->before == NULL ? GATE_OK : GATE_WAIT;
    }
    if (gate_empty(w, s->now, now, want, size) == GATE_FAILED) {
        return GATE_FAILED;
    }
    /* The first measure is told, or the one that fell. */
    for (const struct engine_measure *row = rows; row->id != NULL; row++) {
        for (size_t i = 0; i < w->before->n; i++) {
            struct gate_pair pair;

            if (!gate_compares(row, w) ||
                !gate_pair(row, &w->before->at[i], w, s, &pair)) {
                continue;
            }
            if (!described || gate_fell(&pair)) {
                gate_describe(&pair, now, want, size);
                described = true;
            }
            if (gate_fell(&pair)) {
                return GATE_WAIT;
            }
        }
    }
    return GATE_OK;
}
