/*
 * The hash chain over verdicts: each row's hash covers the previous row's hash and everything the row says, so that an
 * edit, a deletion in the middle or a reordering shows. Fields are written with their lengths, so that no two rows
 * have the same text.
 */
#include "agent/store/steps.h"

#include "webhooks/crypto.h"

static const char head_key[] = "chain_head";

static struct text digest(struct text bytes, struct arena *arena)
{
	unsigned char raw[CRYPTO_DIGEST];
	char hex[2 * CRYPTO_DIGEST + 1];

	crypto_sha256(bytes, raw);
	crypto_hex(raw, sizeof raw, hex);
	return arena_text(arena, text_of(hex));
}

static struct text field(struct text t, struct arena *arena)
{
	struct text d = digest(t, arena);

	return arena_printf(arena, "%zu:%.*s|", t.len, TEXT_ARG(d));
}

static struct text row_hash(const struct row_verdict *row, struct arena *arena)
{
	const struct text fields[] = {row->context, row->decision, row->state,       row->text,       row->public_text,
				      row->rules,   row->counted,  row->policy_text, row->policy_sha, row->inputs_lz4};
	struct text all = arena_printf(arena, "%.*s|%lld|%s|%lld|%lld|%lld|%lld|", TEXT_ARG(row->prev_hash),
				       (long long)row->repo, row->sha.hex, (long long)row->made_at,
				       (long long)row->wanted, (long long)row->fence, (long long)row->inputs_bytes);

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		struct text f = field(fields[i], arena);

		all = arena_printf(arena, "%.*s%.*s", TEXT_ARG(all), TEXT_ARG(f));
	}
	return digest(all, arena);
}

bool chain_link(struct step *step, struct row_verdict *row)
{
	struct row_meta head = {.key = text_of(head_key)};
	bool found;

	if (!step_find(step, &table_meta, &head, &found))
		return false;
	row->prev_hash = found ? head.value : TEXT_EMPTY;
	row->hash = row_hash(row, step->arena);
	head.value = row->hash;
	return step_put(step, &table_meta, &head);
}

struct verify {
	struct text prev;
	int64_t rows, last, bad;
	char kept[2 * CRYPTO_DIGEST + 1];
};

static bool check(void *context, const void *visited)
{
	const struct row_verdict *row = visited;
	struct verify *v = context;
	auto_arena struct arena arena = ARENA_EMPTY;

	if (!text_eq(row->prev_hash, v->prev) || !text_eq(row->hash, row_hash(row, &arena)) ||
	    row->hash.len >= sizeof v->kept) {
		v->bad = row->id;
		return false;
	}
	__builtin_memcpy(v->kept, row->hash.at, row->hash.len);
	v->prev = (struct text){v->kept, row->hash.len};
	v->last = row->id;
	v->rows++;
	return true;
}

#define CHAIN_BATCH 256

static bool walk(struct rows *rows, struct verify *v, struct err *err)
{
	int64_t before;

	do {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct scan scan = {.table = &table_verdict,
				    .index = INDEX_KEY,
				    .has_from = true,
				    .from = v->last + 1,
				    .limit = CHAIN_BATCH};

		before = v->rows;
		if (!rows->ops->scan(rows->self, &scan, (struct visitor){check, v, &arena}, err))
			return false;
	} while (v->bad == 0 && v->rows == before + CHAIN_BATCH);
	return true;
}

static bool job(struct rows *rows, void *arg, struct err *err)
{
	struct verify *v = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct row_meta head = {.key = text_of(head_key)};

	if (!walk(rows, v, err))
		return false;
	if (v->bad != 0)
		return err_set(err, ERR_INVALID,
			       "verdict %lld was changed after it was made, or one before it is missing",
			       (long long)v->bad);
	if (!rows->ops->get(rows->self, &table_meta, &head, &arena, err)) {
		if (err->code != ERR_GONE)
			return false;
		*err = ERR_NONE;
	}
	if (!text_eq(head.value, v->prev))
		return err_set(err, ERR_INVALID,
			       "the newest verdicts are missing: the chain ends before its recorded head");
	return true;
}

bool store_verify_chain(const struct store *store, int64_t *ret_rows, struct err *err)
{
	struct verify v = {.prev = TEXT_EMPTY};

	if (!store->exec.read(store->exec.self, job, &v, err))
		return false;
	*ret_rows = v.rows;
	return true;
}
