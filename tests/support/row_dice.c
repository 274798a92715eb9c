#include "tests/support/row_dice.h"

#define POOL(dice, pool) (pool)[dice_roll(dice, sizeof(pool) / sizeof((pool)[0]))]

uint64_t dice_roll(struct dice *dice, uint64_t below)
{
	uint64_t z = dice->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (z ^ (z >> 31)) % below;
}

void dice_row(struct dice *dice, const struct table *table, void *row)
{
	static const int64_t numbers[] = {0, 1, 2, 3, 4, 5, 6, 7, -1, INT64_MIN, INT64_MAX};
	const struct text texts[] = {TEXT_EMPTY,     TEXT_LIT("a"),    TEXT_LIT("aa"),       TEXT_LIT("b"),
				     TEXT_LIT("\0"), TEXT_LIT("a\0b"), TEXT_LIT("\xff\xfe"), TEXT_LIT("Z")};
	static const struct oid oids[] = {{""},
					  {"1111111111111111111111111111111111111111"},
					  {"2222222222222222222222222222222222222222"},
					  {"1111111111111111111111111111111111111111111111111111111111111111"}};
	char *at = row;

	for (size_t i = 0; i < table->n_columns; i++) {
		const struct column *column = &table->columns[i];
		int64_t number = i == 0 && table->auto_key ? (int64_t)dice_roll(dice, 40) : POOL(dice, numbers);

		if (column->type == COLUMN_INT)
			memcpy(at + column->offset, &number, sizeof number);
		else if (column->type == COLUMN_OID)
			memcpy(at + column->offset, &POOL(dice, oids), sizeof oids[0]);
		else
			memcpy(at + column->offset, &POOL(dice, texts), sizeof texts[0]);
	}
}

static struct text print_bytes(struct text value, struct arena *arena)
{
	char *out = arena_alloc(arena, value.len * 3 + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.at[i];

		if (c >= ' ' && c < 0x7f && c != '\\')
			out[n++] = (char)c;
		else
			n += (size_t)snprintf(out + n, 4, "\\%02x", c);
	}
	return (struct text){out, n};
}

struct text row_print(const struct table *table, const void *row, struct arena *arena)
{
	struct text ret = TEXT_EMPTY, value;
	const char *at = row;
	int64_t number;

	for (size_t i = 0; i < table->n_columns; i++) {
		const struct column *column = &table->columns[i];

		if (column->type == COLUMN_INT) {
			memcpy(&number, at + column->offset, sizeof number);
			value = arena_printf(arena, "%lld", (long long)number);
		} else if (column->type == COLUMN_OID) {
			value = text_of(at + column->offset);
		} else {
			memcpy(&value, at + column->offset, sizeof value);
			value = print_bytes(value, arena);
		}
		ret = arena_printf(arena, "%.*s%s=%.*s;", TEXT_ARG(ret), column->name, TEXT_ARG(value));
	}
	return ret;
}
