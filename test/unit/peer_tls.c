#include "peer_private.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * TLS of the scripted peer. Keys and certificates are made when a test begins, so nothing
 * of them lies about and nothing runs out.
 */

enum { TLS_HOUR = 3600 };

struct identity {
    EVP_PKEY *key;
    X509 *cert;
};

static struct identity good_ca, other_ca, client;
static struct identity shown[PEER_CERTS];

static const struct shown_row {
    const char *alt;             /* the name in it */
    const struct identity *from; /* NULL: itself */
    long begins_s, ends_s;       /* from now */
    int newest;                  /* version of the protocol; 0: any */
    int asks;                    /* SSL_VERIFY_... */
} shown_rows[PEER_CERTS] = {
    [PEER_GOOD] = { "IP:127.0.0.1", &good_ca, -TLS_HOUR, TLS_HOUR, 0, 0 },
    [PEER_OTHER_CA] = { "IP:127.0.0.1", &other_ca, -TLS_HOUR, TLS_HOUR, 0, 0 },
    [PEER_SELF_SIGNED] = { "IP:127.0.0.1", NULL, -TLS_HOUR, TLS_HOUR, 0, 0 },
    [PEER_EXPIRED] = { "IP:127.0.0.1", &good_ca, -2L * TLS_HOUR, -TLS_HOUR, 0, 0 },
    [PEER_NOT_YET] = { "IP:127.0.0.1", &good_ca, TLS_HOUR, 2L * TLS_HOUR, 0, 0 },
    [PEER_TLS_11] = { "IP:127.0.0.1", &good_ca, -TLS_HOUR, TLS_HOUR, TLS1_1_VERSION, 0 },
    [PEER_TLS_12] = { "IP:127.0.0.1", &good_ca, -TLS_HOUR, TLS_HOUR, TLS1_2_VERSION, 0 },
    [PEER_ASKS] = { "IP:127.0.0.1", &good_ca, -TLS_HOUR, TLS_HOUR, 0, SSL_VERIFY_PEER },
    [PEER_DEMANDS] = { "IP:127.0.0.1", &good_ca, -TLS_HOUR, TLS_HOUR, 0,
                       SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT },
    [PEER_OTHER_NAME] = { "DNS:db.example", &good_ca, -TLS_HOUR, TLS_HOUR, 0, 0 },
};

static void
tls_check(int ok)
{
    if (ok <= 0) {
        ERR_print_errors_fp(stderr);
        abort();
    }
}

static void
tls_extend(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *ext = NULL;

    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    tls_check(ext != NULL);
    tls_check(X509_add_ext(x, ext, -1));
    X509_EXTENSION_free(ext);
}

/* A certificate of `from`, or of itself. */
static struct identity
tls_make(const char *name, const struct shown_row *r, bool ca)
{
    static long serial;
    struct identity id = { EVP_EC_gen("P-256"), X509_new() };
    const struct identity *from = r->from != NULL ? r->from : &id;
    X509_NAME *subject = X509_get_subject_name(id.cert);

    tls_check(id.key != NULL);
    tls_check(X509_set_version(id.cert, 2));
    tls_check(ASN1_INTEGER_set(X509_get_serialNumber(id.cert), ++serial));
    tls_check(X509_gmtime_adj(X509_getm_notBefore(id.cert), r->begins_s) != NULL);
    tls_check(X509_gmtime_adj(X509_getm_notAfter(id.cert), r->ends_s) != NULL);
    tls_check(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                         (const unsigned char *)name, -1, -1, 0));
    tls_check(X509_set_issuer_name(id.cert, X509_get_subject_name(from->cert)));
    tls_check(X509_set_pubkey(id.cert, id.key));
    tls_extend(id.cert, from->cert, NID_basic_constraints,
               ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (r->alt != NULL) {
        tls_extend(id.cert, from->cert, NID_subject_alt_name, r->alt);
    }
    tls_check(X509_sign(id.cert, from->key, EVP_sha256()));
    return id;
}

void
peer_tls_init(void)
{
    const struct shown_row ca = { NULL, NULL, -TLS_HOUR, TLS_HOUR, 0, 0 };
    const struct shown_row user = { NULL, &good_ca, -TLS_HOUR, TLS_HOUR, 0, 0 };

    good_ca = tls_make("good CA", &ca, true);
    other_ca = tls_make("other CA", &ca, true);
    client = tls_make("alice", &user, false);
    for (int i = 0; i < PEER_CERTS; i++) {
        shown[i] = tls_make("peer", &shown_rows[i], false);
    }
}

static void
tls_forget(struct identity *id)
{
    EVP_PKEY_free(id->key);
    X509_free(id->cert);
}

void
peer_tls_free(void)
{
    tls_forget(&good_ca);
    tls_forget(&other_ca);
    tls_forget(&client);
    for (int i = 0; i < PEER_CERTS; i++) {
        tls_forget(&shown[i]);
    }
}

static char *
tls_text(BIO *bio)
{
    char *data = NULL;
    size_t len = (size_t)BIO_get_mem_data(bio, &data);
    char *text = calloc(1, len + 1); /* what a BIO holds has no end */

    tls_check(text != NULL);
    memcpy(text, data, len);
    (void)BIO_free(bio);
    return text;
}

static char *
tls_cert_text(X509 *cert)
{
    BIO *bio = BIO_new(BIO_s_mem());

    tls_check(PEM_write_bio_X509(bio, cert));
    return tls_text(bio);
}

char *
peer_tls_ca(void)
{
    return tls_cert_text(good_ca.cert);
}

char *
peer_tls_client(void)
{
    return tls_cert_text(client.cert);
}

char *
peer_tls_client_key(void)
{
    BIO *bio = BIO_new(BIO_s_mem());

    tls_check(PEM_write_bio_PrivateKey(bio, client.key, NULL, NULL, 0, NULL, NULL));
    return tls_text(bio);
}

/* -- in the child -- */

static SSL *
tls_new(int fd, long which)
{
    const struct shown_row *r = &shown_rows[which];
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    SSL *tls = NULL;

    tls_check(ctx != NULL);
    /* What is old must be refused by the client, not by this side. */
    tls_check(SSL_CTX_set_cipher_list(ctx, "DEFAULT@SECLEVEL=0"));
    tls_check(SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION));
    tls_check(SSL_CTX_set_max_proto_version(ctx, r->newest));
    tls_check(SSL_CTX_use_certificate(ctx, shown[which].cert));
    tls_check(SSL_CTX_use_PrivateKey(ctx, shown[which].key));
    tls_check(X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), good_ca.cert));
    SSL_CTX_set_verify(ctx, r->asks, NULL);
    tls = SSL_new(ctx);
    SSL_CTX_free(ctx);
    tls_check(SSL_set_fd(tls, fd));
    return tls;
}

void
peer_do_tls(const struct peer_step *s)
{
    SSL *tls = tls_new(peer_me.fd[s->slot], s->n);
    bool well = SSL_accept(tls) == 1;
    char c = 0;

    /* Names are looked at once the handshake is over: then nothing may come any more. */
    if (well && s->what == PEER_NO_TLS && SSL_read(tls, &c, 1) <= 0) {
        well = false;
    }
    if (well != (s->what == PEER_TLS)) {
        ERR_print_errors_fp(stderr);
        peer_die(well ? "the client takes the certificate" : "no TLS");
    }
    if (well) {
        peer_me.tls[s->slot] = tls;
    } else {
        SSL_free(tls);
    }
}

long
peer_tls_read(int slot, void *data, size_t len)
{
    return SSL_read(peer_me.tls[slot], data, (int)len);
}

long
peer_tls_write(int slot, const void *data, size_t len)
{
    return SSL_write(peer_me.tls[slot], data, (int)len);
}

bool
peer_tls_pending(int slot)
{
    return SSL_pending(peer_me.tls[slot]) > 0;
}

void
peer_tls_end(int slot, bool politely)
{
    if (peer_me.tls[slot] != NULL && politely) {
        (void)SSL_shutdown(peer_me.tls[slot]);
    }
    SSL_free(peer_me.tls[slot]);
    peer_me.tls[slot] = NULL;
}
