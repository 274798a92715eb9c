#include "tests/support/toml_dump.h"

#include <inttypes.h>

const struct toml_limits toml_dump_limits = {(size_t)1 << 20, TOML_DEPTH_LIMIT, 20000};

static void dump_text(FILE *out, struct text t)
{
	(void)fputc('"', out);
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.at[i];

		if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
			(void)fprintf(out, "\\x%02x", c);
		else
			(void)fputc(c, out);
	}
	(void)fputc('"', out);
}

static void dump_members(FILE *out, const struct toml *node)
{
	(void)fputc(node->kind == TOML_TABLE ? '{' : '[', out);
	for (const struct toml *member = node->first; member; member = member->next) {
		if (member != node->first)
			(void)fputc(',', out);
		if (node->kind == TOML_TABLE) {
			dump_text(out, member->key);
			(void)fputc(':', out);
		}
		toml_dump(out, member);
	}
	(void)fputc(node->kind == TOML_TABLE ? '}' : ']', out);
}

void toml_dump(FILE *out, const struct toml *node)
{
	if (node->kind == TOML_TABLE || node->kind == TOML_ARRAY)
		dump_members(out, node);
	else if (node->kind == TOML_TEXT)
		dump_text(out, node->text);
	else if (node->kind == TOML_INTEGER && node->wide)
		(void)fprintf(out, "wide");
	else if (node->kind == TOML_INTEGER)
		(void)fprintf(out, "%" PRId64, node->integer);
	else if (node->kind == TOML_BOOLEAN)
		(void)fprintf(out, node->truth ? "true" : "false");
	else
		(void)fprintf(out, "%c:%.*s", node->kind == TOML_FLOAT ? 'f' : 't', TEXT_ARG(node->text));
}
