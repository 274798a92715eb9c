/*
 * Any bytes are a message in every dialect: what is read lies in it, is made of the grammar's bytes, and strictly
 * permits no more than version-control-tools.
 */
#include "policy/message.h"

#include <assert.h>
#include <string.h>

static size_t at_most(size_t n, size_t most)
{
	return n < most ? n : most;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void lies_in(struct text part, struct text whole)
{
	assert(part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void only(struct text t, const char *others)
{
	for (size_t i = 0; i < t.len; i++)
		assert((t.at[i] >= '0' && t.at[i] <= '9') || (t.at[i] >= 'A' && t.at[i] <= 'Z') ||
		       (t.at[i] >= 'a' && t.at[i] <= 'z') || (t.at[i] != '\0' && strchr(others, t.at[i])));
}

static void check_tokens(const struct message *m, bool groups)
{
	for (size_t i = 0; i < m->n_tokens; i++) {
		struct text name = m->tokens[i].name;

		lies_in(name, m->first_line);
		lies_in(m->tokens[i].flag, m->first_line);
		assert(name.len > 0 && name.at[name.len - 1] != '.');
		assert(m->tokens[i].flag.len > 0 && m->tokens[i].flag.at < name.at);
		only(name, groups ? ".-_#!" : ".-_");
	}
}

static void check_bugs(struct message_bugs bugs)
{
	for (size_t i = 0; i < bugs.n; i++) {
		assert(bugs.at[i] >= 0 && bugs.at[i] <= MESSAGE_BUG_MAX);
		for (size_t k = 0; k < i && i < 100; k++)
			assert(bugs.at[k] != bugs.at[i]);
	}
}

static void check_undone(const struct message_undone *undone, struct text bytes)
{
	assert(undone->given || (undone->n_nodes == 0 && undone->bugs.n == 0));
	check_bugs(undone->bugs);
	for (size_t i = 0; i < undone->n_nodes; i++) {
		lies_in(undone->nodes[i], bytes);
		assert(undone->nodes[i].len == 12 || undone->nodes[i].len == 40);
		only(undone->nodes[i], "");
	}
}

static void check(const struct message *m, struct text bytes, bool groups)
{
	assert(m->first_line.len <= bytes.len);
	assert(m->suspicious == (m->n_suspicions > 0) && m->suspicious == (m->why_suspicious != NULL));
	check_tokens(m, groups);
	check_bugs(m->bugs);
	check_bugs(m->bugs_conservative);
	assert(m->bugs_conservative.n <= m->bugs.n);
	check_undone(&m->backouts, bytes);
	check_undone(&m->backouts_strict, bytes);
	check_undone(&m->reverts, bytes);
	assert(m->is_backout || !m->backouts.given);
	assert(m->backouts.given || !m->backouts_strict.given);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text bytes = {(const char *)data, size};
	struct message strict, vct, lando;

	message_parse(bytes, &arena, &strict);
	message_read(bytes, MESSAGE_VCT, &arena, &vct);
	message_read(bytes, MESSAGE_LANDO, &arena, &lando);
	check(&strict, bytes, false);
	check(&vct, bytes, false);
	check(&lando, bytes, true);
	assert(strict.suspicious || strict.n_tokens == at_most(vct.n_tokens, MESSAGE_NAMES_MAX));
	assert(!strict.suspicious || strict.n_tokens == 0);
	assert(strict.suspicious == vct.suspicious && strict.suspicious == lando.suspicious);
	assert(!strict.suspicious || (!strict.is_backout && !strict.reverts.given && !strict.closed_tree));
	assert((vct.closed_tree || !strict.closed_tree) && (vct.closedbug || !strict.closedbug));
	assert(strict.bugs.n >= vct.bugs.n && vct.bugs_conservative.n == lando.bugs.n);
	return 0;
}
