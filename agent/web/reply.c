#include "agent/web/reply.h"

#include "webhooks/jread.h"

/* nosniff and no-store are the listener's. */
void reply(struct exchange *exchange, unsigned status, const char *type, struct text body)
{
	const struct header headers[] = {
		{TEXT_LIT("Content-Security-Policy"),
		 TEXT_LIT("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
			  "frame-ancestors 'none'; base-uri 'none'")},
		{TEXT_LIT("Referrer-Policy"), TEXT_LIT("no-referrer")},
	};
	struct answer answer = {.status = status,
				.content_type = type,
				.body = body,
				.headers = headers,
				.n_headers = sizeof headers / sizeof headers[0]};

	exchange_answer(exchange, &answer);
}

void reply_error_json(struct exchange *exchange, const struct reply_error *error)
{
	struct jwrite *w = jwrite_new();

	jwrite_object(w, NULL);
	jwrite_text(w, "error", text_of(error->error));
	jwrite_text(w, "detail", error->detail);
	jwrite_end(w);
	reply(exchange, error->status, REPLY_JSON, jwrite_text_of(w));
	jwrite_free(w);
}

struct reply_error reply_error_of(const struct err *err, const char *what)
{
	if (err->code == ERR_GONE)
		return (struct reply_error){404, "not_found", text_of(what)};
	return (struct reply_error){503, "store_unavailable",
				    TEXT_LIT("the store cannot be read now; ask again in a moment")};
}
