#include "kube/policy.h"

#include "base/clock.h"

int
policy_may_change(const struct policy *p, const char *verb, const char *title,
                  struct err *e)
{
    return p->mode == KUBE_LIVE || p->mode == KUBE_DRY_SERVER
               ? 0
               : err_set(e, ERR_REFUSED, "%s %s: changes are not allowed in this mode",
                         verb, title);
}

int
policy_ask(const struct policy *p, const struct kube_ref *changes, long long *send_by,
           struct err *e)
{
    *send_by = 0;
    return changes == NULL || p->guard == NULL
               ? 0
               : p->guard(p->guard_ctx, changes, send_by, e);
}

bool
policy_is_answer(long status, bool eviction)
{
    return status == 429 ? eviction : status >= 200 && (status < 500 || status == 501);
}

void
policy_heard(struct policy *p)
{
    p->away_before = policy_away_ms(p);
    p->away_since = 0;
    p->heard_ms = clock_ms();
}

void
policy_missed(struct policy *p, long long began_ms)
{
    if (p->away_since == 0) {
        p->away_since = began_ms > p->heard_ms ? began_ms : p->heard_ms;
    }
}

/* One change that is answered 5xx does not say that the server is away: it may be this
 * change only. */
void
policy_note(struct policy *p, long status, bool safe, bool eviction, long long began_ms)
{
    if (policy_is_answer(status, eviction)) {
        policy_heard(p);
    } else if (status == 0 || safe) {
        policy_missed(p, began_ms);
    }
}

long long
policy_away_ms(const struct policy *p)
{
    return p->away_before + (p->away_since != 0 ? clock_ms() - p->away_since : 0);
}
