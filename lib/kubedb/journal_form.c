#include "kubedb/journal_form.h"

#include "base/json.h"
#include "base/str.h"
#include "engine/async_channel.h"
#include "kubedb/checks.h"
#include "kubedb/form.h"

/*
 * The fields of a journal, and of a request to a run: one table for each object.
 */

enum {
    FORM_PODS_MAX = 64,
    FORM_IMAGES_MAX = 64,
    FORM_AS_MAX = 16,
    FORM_UID_MAX = 64,
    FORM_NAME_MAX = 253, /* DNS-1123 subdomain */
    FORM_LABEL_MAX = 63,
    FORM_IMAGE_MAX = 512,
    FORM_HOLDER_MAX = 191,
    FORM_TIME_MAX = 40,
    FORM_REQUEST_MAX = 511,
};

/* Twice of it is a number still. */
#define FORM_AMOUNT_MAX (1LL << 60)

static const char *const form_directions[] = { "forward", "back", NULL };
static const char *const form_strategies[] = { "in-place", "new-set", NULL };
static const char *const form_modes[] = { "copy", "link", "clone", NULL };

/* What a pod has that was to have `from`, where a webhook rewrites it. */
static const struct form_field form_as[] = {
    { "image", FORM_TEXT, 1, FORM_IMAGE_MAX, form_is_image, .needed = true },
    { 0 },
};

static const struct form_field form_image[] = {
    { "container", FORM_TEXT, 1, FORM_LABEL_MAX, form_is_label, .needed = true },
    { "init", FORM_BOOL },
    { "variable", FORM_TEXT, 1, FORM_LABEL_MAX, form_is_variable },
    { "from", FORM_TEXT, 1, FORM_IMAGE_MAX, form_is_image, .needed = true },
    { "to", FORM_TEXT, 1, FORM_IMAGE_MAX, form_is_image, .needed = true },
    { "as", FORM_LIST, 0, FORM_AS_MAX, .fields = form_as },
    { 0 },
};

#define FORM_IMAGES                                                                   \
    {                                                                                 \
        "images", FORM_LIST, 0, FORM_IMAGES_MAX, .fields = form_image, .needed = true \
    }

static const struct form_field form_set[] = {
    { "set", FORM_TEXT, 1, FORM_NAME_MAX, form_is_name, .needed = true },
    FORM_IMAGES,
    { 0 },
};

static const struct form_field form_new_set[] = {
    { "set", FORM_TEXT, 1, FORM_NAME_MAX, form_is_name, .needed = true },
    { "uid", FORM_TEXT, 0, FORM_UID_MAX, form_is_uid, .needed = true },
    { "old_uid", FORM_TEXT, 1, FORM_UID_MAX, form_is_uid, .needed = true },
    { "replicas", FORM_NUMBER, 1, FORM_PODS_MAX / 2, .needed = true },
    { "delete_old_data", FORM_BOOL },
    FORM_IMAGES,
    { 0 },
};

static const struct form_field form_pg_upgrade[] = {
    { "mode", FORM_TEXT, .words = form_modes, .needed = true },
    { "begun", FORM_BOOL, .needed = true },
    { "delete_old_data", FORM_BOOL },
    { "update_extensions", FORM_BOOL },
    { "reindex", FORM_BOOL },
    { 0 },
};

static const struct form_field form_channel[] = {
    { "name", FORM_TEXT, 2, CHANNEL_HEX - 1, form_is_hex, .needed = true },
    { "follows", FORM_BOOL, .needed = true },
    { 0 },
};

static const struct form_field form_member_channels[] = {
    { "skips", FORM_BOOL, .needed = true },
    { "stopped", FORM_LIST, 0, CHANNELS_MAX, .fields = form_channel, .needed = true },
    { 0 },
};

static const struct form_field form_channels[] = {
    { NULL, FORM_OBJECT, 0, 2, form_is_name, .fields = form_member_channels,
      .name = FORM_NAME_MAX },
    { 0 },
};

#define FORM_MEASURE                                             \
    {                                                            \
        NULL, FORM_NUMBER, -1, FORM_AMOUNT_MAX, form_is_measure, \
            .name = sizeof(((struct measure *)NULL)->id) - 1     \
    }

static const struct form_field form_database[] = { FORM_MEASURE, { 0 } };

static const struct form_field form_databases[] = {
    { NULL, FORM_OBJECT, 0, MEASURE_MAX, form_is_any, .fields = form_database,
      .name = sizeof(((struct measure *)NULL)->of) - 1 },
    { 0 },
};

static const struct form_field form_pod[] = {
    { "of", FORM_OBJECT, 0, MEASURE_MAX, .fields = form_databases },
    FORM_MEASURE,
    { 0 },
};

static const struct form_field form_pods[] = {
    { NULL, FORM_OBJECT, 0, MEASURE_MAX, form_is_name, .fields = form_pod,
      .name = FORM_NAME_MAX },
    { 0 },
};

static const struct form_field form_journal[] = {
    { "version", FORM_NUMBER, 1, JOURNAL_VERSION, .needed = true },
    { "direction", FORM_TEXT, .words = form_directions },
    { "kind", FORM_TEXT, 1, FORM_LABEL_MAX, form_is_word, .needed = true },
    { "name", FORM_TEXT, 1, FORM_NAME_MAX, form_is_name, .needed = true },
    { "uid", FORM_TEXT, 1, FORM_UID_MAX, form_is_uid, .needed = true },
    { "from", FORM_TEXT, 1, FORM_NAME_MAX, form_is_name, .needed = true },
    { "to", FORM_TEXT, 1, FORM_NAME_MAX, form_is_name, .needed = true },
    { "set", FORM_TEXT, 1, FORM_NAME_MAX, form_is_name, .needed = true },
    { "started", FORM_TEXT, 1, FORM_TIME_MAX, form_is_time, .needed = true },
    { "by", FORM_TEXT, 1, FORM_HOLDER_MAX, form_is_shown, .needed = true },
    FORM_IMAGES,
    { "pods", FORM_OBJECT, 0, FORM_PODS_MAX, .fields = form_pods, .needed = true },
    { "followers", FORM_LIST, 0, PREFLIGHT_SETS_MAX, .fields = form_set },
    { "front", FORM_OBJECT, 0, 2, .fields = form_set },
    { "strategy", FORM_TEXT, .words = form_strategies },
    { "new_set", FORM_OBJECT, 0, 6, .fields = form_new_set },
    { "pg_upgrade", FORM_OBJECT, 0, 5, .fields = form_pg_upgrade },
    { "channels", FORM_OBJECT, 0, FORM_PODS_MAX, .fields = form_channels },
    { 0 },
};

static const struct form_field form_request[] = {
    { "verb", FORM_TEXT, 1, FORM_LABEL_MAX, form_is_word, .needed = true },
    { "by", FORM_TEXT, 0, FORM_HOLDER_MAX, form_is_shown, .needed = true },
    { "at", FORM_TEXT, 0, FORM_TIME_MAX, form_is_time },
    { 0 },
};

static const struct form_kind form_journals = { "the journal of an earlier run",
                                                form_journal, JOURNAL_TEXT_MAX };
static const struct form_kind form_requests = { "the request on the Lease", form_request,
                                                FORM_REQUEST_MAX };

long long
journal_form_version(const char *text, size_t len)
{
    struct err ignored = { 0 };
    auto_json json_t *j = form_parse(&form_journals, text, len, &ignored);

    return json_path_int(j, "version", 0);
}

int
journal_form_read(const char *text, size_t len, json_t **out, struct err *e)
{
    long long version = journal_form_version(text, len);

    if (version > JOURNAL_VERSION) {
        err_set(
            e, ERR_REFUSED,
            "the journal was written by a newer kubectl-dbupgrade (format %lld, this one "
            "reads up to %d)",
            version, JOURNAL_VERSION);
        return err_hint(e, "resume it with the newer kubectl-dbupgrade");
    }
    return form_read(&form_journals, text, len, out, e);
}

int
journal_form_read_request(const char *text, size_t len, json_t **out, struct err *e)
{
    return form_read(&form_requests, text, len, out, e);
}
