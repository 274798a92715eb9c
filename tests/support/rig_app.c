/* The agent as an App: a key pair, and the App that the world knows by it. */
#include "tests/support/rig.h"
#include "tests/support/rig_inner.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

static const char granted[] =
	"{\"statuses\":\"write\",\"checks\":\"read\",\"contents\":\"read\",\"issues\":\"read\","
	"\"members\":\"read\",\"metadata\":\"read\",\"pull_requests\":\"read\",\"actions\":\"read\"}";

/* Its PEM, not longer than room. */
static bool pem_of(EVP_PKEY *key, bool private, char *ret, size_t room)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes = NULL;
	long len = 0;
	bool ok;

	ok = bio && (private ? PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)
			     : PEM_write_bio_PUBKEY(bio, key)) == 1;
	if (ok)
		len = BIO_get_mem_data(bio, &bytes);
	ok = ok && len > 0 && (size_t)len < room;
	if (ok) {
		memcpy(ret, bytes, (size_t)len);
		ret[len] = '\0';
	}
	BIO_free(bio);
	return ok;
}

static bool register_app(struct rig *rig, const char *pem)
{
	json_t *text = json_string(pem), *answer;
	char *quoted = json_dumps(text, JSON_ENCODE_ANY);
	bool ok;

	answer = rig_act(rig, "app", "acme", "{\"key\":%s,\"permissions\":%s}", quoted, granted);
	ok = answer != NULL;
	json_decref(answer);
	answer = ok ? rig_act(rig, "install", "acme", "{}") : NULL;
	ok = answer != NULL;
	json_decref(answer);
	json_decref(text);
	free(quoted);
	return ok;
}

bool rig_make_app(struct rig *rig)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	char pem[4096];
	bool ok = key && pem_of(key, true, pem, sizeof pem) && rig_write(rig, "key.pem", "%s", pem) &&
		  pem_of(key, false, pem, sizeof pem);

	EVP_PKEY_free(key);
	if (!ok)
		return rig_fail(rig, "no key for an App");
	return register_app(rig, pem);
}
