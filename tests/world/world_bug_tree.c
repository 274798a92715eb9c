/* Treestatus: /treestatus/trees/NAME. A tree that nobody made is unknown; one whose answer is given says that. */
#include "tests/world/world_bug.h"

#include <stdlib.h>
#include <string.h>

/* {"tree", "status": open, closed, approval required, "reason", "message_of_the_day"}; {"text"}: what it answers
 * instead, no JSON perhaps; {"remove": true} */
void world_act_tree(struct world_act *act)
{
	const char *name = world_str(act->args, "tree");
	json_int_t changes = world_int(json_object_get(act->w->bugs->trees, name), "log_id");

	if (world_true(act->args, "remove"))
		json_object_del(act->w->bugs->trees, name);
	else
		world_put(act->w->bugs->trees, name,
			  json_pack("{s:s,s:s,s:s,s:O*,s:I}", "status", world_str(act->args, "status"), "reason",
				    world_str(act->args, "reason"), "message_of_the_day",
				    world_str(act->args, "message_of_the_day"), "text",
				    json_object_get(act->args, "text"), "log_id", changes + 1));
}

static void unknown(struct world_call *call)
{
	call->act.status = 404;
	json_decref(call->act.out);
	call->act.out = world_own(json_pack("{s:s,s:i,s:s,s:s}", "detail", "No such tree", "status", 404, "title",
					    "Not Found", "type", "about:blank"));
	world_put(call->response->headers, "Content-Type", json_string("application/problem+json"));
}

void world_tree_answers(struct world_call *call, const char *name)
{
	json_t *tree = json_object_get(call->act.w->bugs->trees, name);

	if (!tree) {
		unknown(call);
		return;
	}
	if (json_is_string(json_object_get(tree, "text"))) {
		call->response->body = world_text("%s", world_str(tree, "text"));
		call->response->len = strlen(call->response->body);
		world_put(call->response->headers, "Content-Type", json_string("text/html"));
		return;
	}
	world_put(call->act.out, "result",
		  json_pack("{s:s,s:s,s:s,s:s,s:s,s:[],s:I}", "tree", name, "status", world_str(tree, "status"),
			    "reason", world_str(tree, "reason"), "message_of_the_day",
			    world_str(tree, "message_of_the_day"), "category", "development", "tags", "log_id",
			    world_int(tree, "log_id")));
}
