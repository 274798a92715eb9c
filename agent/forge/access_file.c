#include "agent/forge/access_inner.h"

#include "agent/base/secret.h"

/* Private, as secret.h has it: whoever else could read the file could post statuses. */
enum err_code access_ask_file(const struct access_asking *in, struct access_found *ret, struct err *err)
{
	struct secret *secret = secret_read(in->config->token_file, 1, err);
	struct access_found found = {.keep_ms = ACCESS_NO_END, .life_ms = ACCESS_NO_END};
	bool ok = secret != NULL;

	if (ok && !access_token_make(secret_text(secret), 0, &found.token))
		ok = err_set(err, ERR_DENIED, "it does not hold one token");
	secret_free(secret);
	if (ok) {
		*ret = found;
		return ERR_OK;
	}
	err->code = ERR_DENIED; /* an operator can put it right, and nobody else */
	(void)err_wrap(err, "token file %.*s", TEXT_ARG(text_cut(in->config->token_file, 100)));
	return err->code;
}
