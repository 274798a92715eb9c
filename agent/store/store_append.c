/* The only write before a 202: one row, or nothing when the delivery id is known. */
#include "agent/store/store.h"

bool store_append_job(struct rows *rows, void *arg, struct err *err)
{
	struct append *append = arg;
	struct row_journal row = {
		.guid = append->guid,
		.source = append->source,
		.event = append->event,
		.action = append->action,
		.repo = append->repo,
		.received_at = append->received_at,
		.state = append->state,
		.note = append->note,
		.facts = append->facts,
		.body_lz4 = append->body_lz4,
		.body_bytes = append->body_bytes,
	};

	append->duplicate = false;
	if (rows->ops->add(rows->self, &table_journal, &row, err))
		return true;
	if (err->code != ERR_CONFLICT)
		return false;
	*err = ERR_NONE;
	append->duplicate = true;
	return true;
}

bool store_append(const struct store *store, struct append *append, struct err *err)
{
	return store->exec.write(store->exec.self, store_append_job, append, err);
}
