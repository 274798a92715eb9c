#include "agent/store/exec.h"

#include <assert.h>

#include "policy/memory.h"

struct exec_direct {
	struct rows *rows;
	bool busy; /* a job that calls the executor again would run inside the other's transaction */
};

static bool run(struct exec_direct *exec, bool write, store_job *job, void *arg, struct err *err)
{
	struct rows *rows = exec->rows;
	bool ok;

	assert(!exec->busy);
	if (!rows->ops->begin(rows->self, write, err))
		return false;
	exec->busy = true;
	ok = job(rows, arg, err) && rows->ops->commit(rows->self, err);
	if (!ok)
		rows->ops->rollback(rows->self);
	if (!ok && err->code == ERR_OK)
		(void)err_set(err, ERR_BROKEN, "store: a job failed without saying why");
	exec->busy = false;
	return ok;
}

static bool direct_write(void *self, store_job *job, void *arg, struct err *err)
{
	return run(self, true, job, arg, err);
}

static bool direct_read(void *self, store_job *job, void *arg, struct err *err)
{
	return run(self, false, job, arg, err);
}

static bool direct_write_later(void *self, struct store_later *later, struct err *err)
{
	struct err outcome = ERR_NONE;

	(void)err;
	if (run(self, true, later->job, later->arg, &outcome))
		outcome = ERR_NONE; /* what the job met and mastered on its way is nobody else's business */
	later->done(later, &outcome);
	return true;
}

struct exec_direct *exec_direct_new(struct rows *rows)
{
	struct exec_direct *exec = calloc(1, sizeof *exec);

	if (!exec)
		out_of_memory();
	exec->rows = rows;
	return exec;
}

void exec_direct_free(struct exec_direct *exec)
{
	free(exec);
}

struct store_exec exec_direct_port(struct exec_direct *exec)
{
	return (struct store_exec){exec, direct_write, direct_read, direct_write_later};
}
