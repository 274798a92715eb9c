#include "tests/support/fault.h"

#define BELOW(fault, verb) (fault)->below.ops->verb

static bool hit(struct fault *fault, enum fault_op op, struct err *err)
{
	if (fault->op != op)
		return false;
	if (fault->countdown > 0) {
		fault->countdown--;
		return false;
	}
	if (fault->repeat == 0)
		return false;
	if (fault->repeat > 0)
		fault->repeat--;
	(void)err_set(err, fault->code, "a fault that the test asked for");
	return true;
}

static bool fault_begin(void *self, bool write, struct err *err)
{
	struct fault *fault = self;

	return !hit(fault, FAULT_BEGIN, err) && BELOW(fault, begin)(fault->below.self, write, err);
}

static bool fault_commit(void *self, struct err *err)
{
	struct fault *fault = self;

	return !hit(fault, FAULT_COMMIT, err) && BELOW(fault, commit)(fault->below.self, err);
}

static void fault_rollback(void *self)
{
	struct fault *fault = self;

	BELOW(fault, rollback)(fault->below.self);
}

static bool fault_mark(void *self, struct err *err)
{
	struct fault *fault = self;

	return !hit(fault, FAULT_MARK, err) && BELOW(fault, mark)(fault->below.self, err);
}

static bool fault_keep(void *self, struct err *err)
{
	struct fault *fault = self;

	return !hit(fault, FAULT_KEEP, err) && BELOW(fault, keep)(fault->below.self, err);
}

static bool fault_undo(void *self, struct err *err)
{
	struct fault *fault = self;

	return !hit(fault, FAULT_UNDO, err) && BELOW(fault, undo)(fault->below.self, err);
}

static bool fault_get(void *self, const struct table *table, void *row, struct arena *arena, struct err *err)
{
	struct fault *fault = self;

	return BELOW(fault, get)(fault->below.self, table, row, arena, err);
}

static bool fault_put(void *self, const struct table *table, const void *row, struct err *err)
{
	struct fault *fault = self;

	return BELOW(fault, put)(fault->below.self, table, row, err);
}

static bool fault_add(void *self, const struct table *table, void *row, struct err *err)
{
	struct fault *fault = self;

	return !hit(fault, FAULT_ADD, err) && BELOW(fault, add)(fault->below.self, table, row, err);
}

static bool fault_del(void *self, const struct table *table, const void *key, struct err *err)
{
	struct fault *fault = self;

	return BELOW(fault, del)(fault->below.self, table, key, err);
}

static bool fault_scan(void *self, const struct scan *scan, struct visitor visitor, struct err *err)
{
	struct fault *fault = self;

	return !hit(fault, FAULT_SCAN, err) && BELOW(fault, scan)(fault->below.self, scan, visitor, err);
}

static bool fault_count(void *self, const struct scan *scan, int64_t *ret, struct err *err)
{
	struct fault *fault = self;

	return BELOW(fault, count)(fault->below.self, scan, ret, err);
}

static void fault_close(void *self)
{
	(void)self;
}

struct rows fault_rows(struct fault *fault)
{
	static const struct rows_ops ops = {.name = "fault",
					    .begin = fault_begin,
					    .commit = fault_commit,
					    .rollback = fault_rollback,
					    .mark = fault_mark,
					    .keep = fault_keep,
					    .undo = fault_undo,
					    .get = fault_get,
					    .put = fault_put,
					    .add = fault_add,
					    .del = fault_del,
					    .scan = fault_scan,
					    .count = fault_count,
					    .close = fault_close};

	return (struct rows){&ops, fault};
}
