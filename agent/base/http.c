#include "agent/base/http.h"

struct text http_answer_header(const struct http_answer *answer, const char *lower_name)
{
	for (size_t i = 0; i < answer->n_headers; i++)
		if (text_is(answer->headers[i].name, lower_name))
			return answer->headers[i].value;
	return TEXT_EMPTY;
}
