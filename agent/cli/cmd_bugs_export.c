/* headgate bugs export: the table as a dump, for another host. It is dated as the table is: carrying makes it no newer.
 */
#include "agent/base/secret.h"
#include "agent/cli/cmd_bugs.h"
#include "webhooks/ed25519.h"

static bool sign(const struct invocation *invocation, const struct bugs_place *place, struct text dump,
		 unsigned char ret[ED25519_SIGNATURE], struct err *err)
{
	const char *given = invocation_value(invocation, "key");
	struct text name = given ? text_of(given) : place->tracker->sign_key_file;
	struct secret *key;
	bool ok;

	if (name.len == 0)
		return err_set(err, ERR_INVALID, "no key: sign_key_file of the tracker, or --key FILE");
	key = secret_read_lines(name, err);
	if (!key)
		return false;
	ok = ed25519_sign(secret_text(key), dump, ret, err);
	secret_free(key);
	return ok;
}

static int write_out(const struct invocation *invocation, struct text dump, struct text line)
{
	FILE *out = invocation->console->out;

	if (fwrite(dump.at, 1, dump.len, out) != dump.len || fwrite(line.at, 1, line.len, out) != line.len ||
	    fflush(out) != 0)
		return bugs_say(invocation, COMMAND_NO, "it could not be written");
	return COMMAND_OK;
}

static int run(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text dump, line = TEXT_LIT("");
	unsigned char signature[ED25519_SIGNATURE];
	struct err err = ERR_NONE;
	struct bug_table *table;
	struct bugs_place place;
	int code = bugs_place(invocation, &arena, &place);

	if (code != COMMAND_OK)
		return code;
	table = bugs_load(&place, &err);
	if (!table)
		return bugs_say(invocation, COMMAND_NO, err.text);
	dump = dump_write(table, place.tracker->name, bug_table_dated(table), &arena);
	bug_table_free(table);
	if (invocation_has(invocation, "sign") || invocation_has(invocation, "key")) {
		if (!sign(invocation, &place, dump, signature, &err))
			return bugs_say(invocation, COMMAND_CONFIG, err.text);
		line = dump_signature_line(signature, &arena);
	}
	return write_out(invocation, dump, line);
}

static const struct command_option options[] = {
	BUGS_OPTIONS,
	{"sign", 0, NULL, "sign it with the tracker's sign_key_file"},
	{"key", 0, "FILE", "sign it with this Ed25519 private key, PEM"},
};
const struct command command_bugs_export = {
	"bugs export",
	"",
	0,
	0,
	"write the table as a dump that names every known bug: keep it as secret as the table",
	"  headgate bugs export --sign >bmo.dump\n",
	options,
	sizeof options / sizeof options[0],
	run,
};
