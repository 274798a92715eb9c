#include "tests/support/ask_stand.h"

#include <check.h>

static int64_t now(void *self)
{
	struct ask_stand *s = self;
	int64_t at;

	pthread_mutex_lock(&s->lock);
	at = s->now;
	pthread_mutex_unlock(&s->lock);
	return at;
}

static int64_t wall(void *self)
{
	return ASK_STAND_START + now(self);
}

static enum err_code play(void *self, const struct http_request *in, struct http_answer *out, struct err *err)
{
	struct ask_stand *s = self;
	struct http_header *header = arena_alloc(in->arena, 1, sizeof *header);

	pthread_mutex_lock(&s->lock);
	s->asked++;
	s->most = ++s->inside > s->most ? s->inside : s->most;
	pthread_cond_broadcast(&s->changed);
	while (s->hold)
		pthread_cond_wait(&s->changed, &s->lock);
	s->inside--;
	pthread_mutex_unlock(&s->lock);
	if (s->fail)
		return err_set(err, s->fail, "no route"), err->code;
	*header = (struct http_header){TEXT_LIT("retry-after"), text_of(s->retry_after)};
	*out = (struct http_answer){s->status, header, s->retry_after ? 1 : 0, arena_text(in->arena, text_of(s->body)),
				    true};
	return ERR_OK;
}

struct ask_client *ask_stand_client(struct ask_stand *s)
{
	struct tracker_config config = {.kind = TEXT_LIT("bmo"),
					.name = TEXT_LIT("bugs"),
					.url = TEXT_LIT("https://bugs.test"),
					.key = TEXT_LIT("key"),
					.answer_bytes = 100000};
	struct tracker_ports ports = {{s, play}, {s, wall, now}};
	struct err err = ERR_NONE;
	struct ask_client *c = ask_client_new(s->ask, &config, &ports, &err);

	ck_assert_msg(c != NULL, "%s", err.text);
	return c;
}

void ask_stand_open(struct ask_stand *s, int64_t per_hour)
{
	*s = (struct ask_stand){.status = 200, .body = ASK_STAND_BUG, .wake = wake_threads_new()};
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	s->ask = ask_new(&(struct ask_config){per_hour},
			 &(struct ask_ports){{s, wall, now}, wake_threads_port(s->wake)});
	s->client = ask_stand_client(s);
	s->tracker = ask_client_port(s->client);
	s->call = (struct tracker_call){&s->arena, 1000000000};
}

void ask_stand_close(struct ask_stand *s)
{
	ask_client_free(s->client);
	ask_free(s->ask);
	wake_threads_free(s->wake);
	arena_release(&s->arena);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}
