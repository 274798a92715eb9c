#include "agent/hook/wire.h"

#include <stdlib.h>
#include <string.h>

static const char first_line[] = "headgate-hook 1\n";
static const char last_line[] = "end\n";

enum { NODE_SHA1 = 40, NODE_SHA256 = 64, DIGITS_MAX = 9 };

/* ---- writing ---- */

static bool room_for(struct hook_out *out, size_t n)
{
	size_t room = out->room > 0 ? out->room : 4096;
	char *at;

	if (out->failed || n > HOOK_BODY_MAX - out->n)
		return !(out->failed = true);
	if (n <= out->room - out->n)
		return true;
	while (room - out->n < n)
		room *= 2;
	at = realloc(out->at, room);
	if (!at)
		return !(out->failed = true);
	out->at = at;
	out->room = room;
	return true;
}

static void put(struct hook_out *out, const char *bytes, size_t n)
{
	if (n == 0 || !room_for(out, n))
		return;
	memcpy(out->at + out->n, bytes, n);
	out->n += n;
}

static void put_length(struct hook_out *out, size_t n)
{
	char digits[DIGITS_MAX + 1];
	size_t k = sizeof digits;

	digits[--k] = '\n';
	do
		digits[--k] = (char)('0' + n % 10);
	while ((n /= 10) > 0 && k > 0);
	put(out, digits + k, sizeof digits - k);
}

static void put_field(struct hook_out *out, const char *head, struct text bytes)
{
	if (bytes.len > HOOK_BODY_MAX) {
		out->failed = true;
		return;
	}
	put(out, head, strlen(head));
	put_length(out, bytes.len);
	put(out, bytes.at, bytes.len);
	put(out, "\n", 1);
}

void hook_out_begin(struct hook_out *out, struct text repository)
{
	*out = (struct hook_out){.n = 0};
	put(out, first_line, sizeof first_line - 1);
	put_field(out, "repository ", repository);
}

void hook_out_branch(struct hook_out *out, struct text branch)
{
	put_field(out, "branch ", branch);
}

void hook_out_commit(struct hook_out *out, struct text node, struct text message)
{
	put(out, "commit ", sizeof "commit " - 1);
	put(out, node.at, node.len);
	put_field(out, " ", message);
}

void hook_out_end(struct hook_out *out)
{
	put(out, last_line, sizeof last_line - 1);
}

void hook_out_free(struct hook_out *out)
{
	free(out->at);
	*out = (struct hook_out){.n = 0};
}

/* ---- reading ---- */

static bool take(struct text *rest, const char *word)
{
	size_t n = strlen(word);

	if (rest->len < n || memcmp(rest->at, word, n) != 0)
		return false;
	*rest = (struct text){rest->at + n, rest->len - n};
	return true;
}

/* A length as it is written here: decimal, without a leading zero, up to its line's end. */
static bool take_length(struct text *rest, size_t *ret)
{
	size_t n = 0, digits = 0;

	while (digits < rest->len && digits < DIGITS_MAX && rest->at[digits] >= '0' && rest->at[digits] <= '9')
		n = n * 10 + (size_t)(rest->at[digits++] - '0');
	if (digits == 0 || digits == rest->len || rest->at[digits] != '\n' || (rest->at[0] == '0' && digits > 1))
		return false;
	*rest = (struct text){rest->at + digits + 1, rest->len - digits - 1};
	*ret = n;
	return true;
}

static bool take_bytes(struct hook_in *in, size_t max, struct text *ret)
{
	size_t n;

	in->why = "a length is missing";
	if (!take_length(&in->rest, &n))
		return false;
	in->why = "a field is longer than allowed";
	if (n > max)
		return false;
	in->why = "it ends within a field";
	if (n >= in->rest.len || in->rest.at[n] != '\n')
		return false;
	*ret = (struct text){in->rest.at, n};
	in->rest = (struct text){in->rest.at + n + 1, in->rest.len - n - 1};
	in->why = NULL;
	return true;
}

/* Names end up in logs and in texts for people: no control bytes. */
static bool take_name(struct hook_in *in, struct text *ret)
{
	if (!take_bytes(in, HOOK_NAME_MAX, ret))
		return false;
	in->why = "a name is empty, or holds a control byte";
	for (size_t i = 0; i < ret->len; i++)
		if ((unsigned char)ret->at[i] < ' ' || ret->at[i] == 0x7f)
			return false;
	if (ret->len == 0)
		return false;
	in->why = NULL;
	return true;
}

static bool take_node(struct hook_in *in, struct text *ret)
{
	size_t n = 0;

	while (n < in->rest.len && n <= NODE_SHA256 &&
	       ((in->rest.at[n] >= '0' && in->rest.at[n] <= '9') || (in->rest.at[n] >= 'a' && in->rest.at[n] <= 'f')))
		n++;
	in->why = "a commit is not named by 40 or 64 hexadecimal digits";
	if ((n != NODE_SHA1 && n != NODE_SHA256) || n == in->rest.len || in->rest.at[n] != ' ')
		return false;
	*ret = (struct text){in->rest.at, n};
	in->rest = (struct text){in->rest.at + n + 1, in->rest.len - n - 1};
	in->why = NULL;
	return true;
}

static bool broken(struct hook_in *in, const char *why)
{
	in->rest = TEXT_EMPTY;
	in->why = why;
	return false;
}

bool hook_in_begin(struct hook_in *in, struct text body, struct text *ret_repository)
{
	*in = (struct hook_in){.rest = body};
	if (body.len > HOOK_BODY_MAX)
		return broken(in, "it is longer than allowed");
	if (!take(&in->rest, first_line))
		return broken(in, "it does not begin as a question of version 1");
	if (!take(&in->rest, "repository "))
		return broken(in, "it names no repository");
	return take_name(in, ret_repository) || broken(in, in->why);
}

static enum hook_part no_part(struct hook_in *in, const char *why)
{
	broken(in, why);
	return HOOK_BROKEN;
}

enum hook_part hook_in_next(struct hook_in *in, struct text *ret_name, struct text *ret_message)
{
	if (take(&in->rest, "branch "))
		return take_name(in, ret_name) ? HOOK_BRANCH : no_part(in, in->why);
	if (take(&in->rest, "commit "))
		return take_node(in, ret_name) && take_bytes(in, HOOK_BODY_MAX, ret_message) ? HOOK_COMMIT
											     : no_part(in, in->why);
	if (!take(&in->rest, last_line))
		return no_part(in, in->why ? in->why : "it has no end, or an unknown part");
	return in->rest.len == 0 ? HOOK_END : no_part(in, "something follows its end");
}

/* ---- the answer ---- */

static const char *const words[] = {
	[HOOK_NO_ANSWER] = "", [HOOK_ALLOW] = "allow", [HOOK_DENY] = "deny", [HOOK_CLEARANCE] = "clearance"};

const char *hook_word(enum hook_word word)
{
	return words[word];
}

enum hook_word hook_answer_read(struct text answer, struct text *ret_lines)
{
	const char *end = answer.len > 0 ? memchr(answer.at, '\n', answer.len) : NULL;
	size_t n = end ? (size_t)(end - answer.at) : 0;

	for (size_t w = HOOK_ALLOW; end && w < sizeof words / sizeof *words; w++) {
		if (n != strlen(words[w]) || memcmp(answer.at, words[w], n) != 0)
			continue;
		*ret_lines = (struct text){end + 1, answer.len - n - 1};
		return (enum hook_word)w;
	}
	return HOOK_NO_ANSWER;
}
