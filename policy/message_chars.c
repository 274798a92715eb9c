#include "policy/message_scan.h"

/* By code. Digits are those of all scripts; marks are those that fit on an ASCII digit. */
static const struct {
	uint32_t from, to;
	enum char_class is;
} classes[] = {
	{0x80, 0x9f, CHAR_CONTROL},         {0xa0, 0xa0, CHAR_BLANK},           {0xad, 0xad, CHAR_INVISIBLE},
	{0x300, 0x34e, CHAR_UNSEEN},        {0x34f, 0x34f, CHAR_INVISIBLE},     {0x350, 0x36f, CHAR_UNSEEN},
	{0x483, 0x489, CHAR_UNSEEN},        {0x591, 0x5bd, CHAR_UNSEEN},        {0x610, 0x61a, CHAR_UNSEEN},
	{0x61c, 0x61c, CHAR_DIRECTION},     {0x64b, 0x65f, CHAR_UNSEEN},        {0x660, 0x669, CHAR_DIGIT},
	{0x6f0, 0x6f9, CHAR_DIGIT},         {0x7c0, 0x7c9, CHAR_DIGIT},         {0x966, 0x96f, CHAR_DIGIT},
	{0x9e6, 0x9ef, CHAR_DIGIT},         {0xa66, 0xa6f, CHAR_DIGIT},         {0xae6, 0xaef, CHAR_DIGIT},
	{0xb66, 0xb6f, CHAR_DIGIT},         {0xbe6, 0xbef, CHAR_DIGIT},         {0xc66, 0xc6f, CHAR_DIGIT},
	{0xce6, 0xcef, CHAR_DIGIT},         {0xd66, 0xd6f, CHAR_DIGIT},         {0xde6, 0xdef, CHAR_DIGIT},
	{0xe50, 0xe59, CHAR_DIGIT},         {0xed0, 0xed9, CHAR_DIGIT},         {0xf20, 0xf29, CHAR_DIGIT},
	{0x1040, 0x1049, CHAR_DIGIT},       {0x1090, 0x1099, CHAR_DIGIT},       {0x115f, 0x1160, CHAR_INVISIBLE},
	{0x1680, 0x1680, CHAR_BLANK},       {0x17b4, 0x17b5, CHAR_INVISIBLE},   {0x17e0, 0x17e9, CHAR_DIGIT},
	{0x180b, 0x180d, CHAR_SELECTOR},    {0x180e, 0x180e, CHAR_INVISIBLE},   {0x180f, 0x180f, CHAR_SELECTOR},
	{0x1810, 0x1819, CHAR_DIGIT},       {0x1946, 0x194f, CHAR_DIGIT},       {0x19d0, 0x19d9, CHAR_DIGIT},
	{0x1a80, 0x1a89, CHAR_DIGIT},       {0x1a90, 0x1a99, CHAR_DIGIT},       {0x1ab0, 0x1aff, CHAR_UNSEEN},
	{0x1b50, 0x1b59, CHAR_DIGIT},       {0x1bb0, 0x1bb9, CHAR_DIGIT},       {0x1c40, 0x1c49, CHAR_DIGIT},
	{0x1c50, 0x1c59, CHAR_DIGIT},       {0x1dc0, 0x1dff, CHAR_UNSEEN},      {0x2000, 0x2009, CHAR_BLANK},
	{0x200a, 0x200a, CHAR_UNSEEN},      {0x200b, 0x200d, CHAR_INVISIBLE},   {0x200e, 0x200f, CHAR_DIRECTION},
	{0x2028, 0x2029, CHAR_LINE_END},    {0x202a, 0x202e, CHAR_DIRECTION},   {0x202f, 0x202f, CHAR_BLANK},
	{0x205f, 0x205f, CHAR_BLANK},       {0x2060, 0x2065, CHAR_INVISIBLE},   {0x2066, 0x2069, CHAR_DIRECTION},
	{0x206a, 0x206f, CHAR_INVISIBLE},   {0x20d0, 0x20ff, CHAR_UNSEEN},      {0x3000, 0x3000, CHAR_BLANK},
	{0x302a, 0x302f, CHAR_UNSEEN},      {0x3099, 0x309a, CHAR_UNSEEN},      {0x3164, 0x3164, CHAR_INVISIBLE},
	{0xa620, 0xa629, CHAR_DIGIT},       {0xa8d0, 0xa8d9, CHAR_DIGIT},       {0xa900, 0xa909, CHAR_DIGIT},
	{0xa9d0, 0xa9d9, CHAR_DIGIT},       {0xa9f0, 0xa9f9, CHAR_DIGIT},       {0xaa50, 0xaa59, CHAR_DIGIT},
	{0xabf0, 0xabf9, CHAR_DIGIT},       {0xe000, 0xf8ff, CHAR_UNSEEN},      {0xfe00, 0xfe0f, CHAR_SELECTOR},
	{0xfe20, 0xfe2f, CHAR_UNSEEN},      {0xfe5f, 0xfe5f, CHAR_BLANK},       {0xfeff, 0xfeff, CHAR_INVISIBLE},
	{0xff03, 0xff03, CHAR_BLANK},       {0xff10, 0xff19, CHAR_DIGIT},       {0xffa0, 0xffa0, CHAR_INVISIBLE},
	{0xfff0, 0xfffb, CHAR_INVISIBLE},   {0x104a0, 0x104a9, CHAR_DIGIT},     {0x10d30, 0x10d39, CHAR_DIGIT},
	{0x11066, 0x1106f, CHAR_DIGIT},     {0x110f0, 0x110f9, CHAR_DIGIT},     {0x11136, 0x1113f, CHAR_DIGIT},
	{0x111d0, 0x111d9, CHAR_DIGIT},     {0x112f0, 0x112f9, CHAR_DIGIT},     {0x11450, 0x11459, CHAR_DIGIT},
	{0x114d0, 0x114d9, CHAR_DIGIT},     {0x11650, 0x11659, CHAR_DIGIT},     {0x116c0, 0x116c9, CHAR_DIGIT},
	{0x11730, 0x11739, CHAR_DIGIT},     {0x118e0, 0x118e9, CHAR_DIGIT},     {0x11950, 0x11959, CHAR_DIGIT},
	{0x11c50, 0x11c59, CHAR_DIGIT},     {0x11d50, 0x11d59, CHAR_DIGIT},     {0x11da0, 0x11da9, CHAR_DIGIT},
	{0x16a60, 0x16a69, CHAR_DIGIT},     {0x16ac0, 0x16ac9, CHAR_DIGIT},     {0x16b50, 0x16b59, CHAR_DIGIT},
	{0x1bca0, 0x1bca3, CHAR_INVISIBLE}, {0x1d173, 0x1d17a, CHAR_INVISIBLE}, {0x1d7ce, 0x1d7ff, CHAR_DIGIT},
	{0x1e140, 0x1e149, CHAR_DIGIT},     {0x1e2f0, 0x1e2f9, CHAR_DIGIT},     {0x1e950, 0x1e959, CHAR_DIGIT},
	{0x1fbf0, 0x1fbf9, CHAR_DIGIT},     {0xe0000, 0xe00ff, CHAR_INVISIBLE}, {0xe0100, 0xe01ef, CHAR_SELECTOR},
	{0xe01f0, 0xe0fff, CHAR_INVISIBLE}, {0xf0000, 0x10ffff, CHAR_UNSEEN},
};

static enum char_class class_of(uint32_t c)
{
	size_t low = 0, high = sizeof classes / sizeof classes[0];

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (classes[middle].to < c)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sizeof classes / sizeof classes[0] && classes[low].from <= c ? classes[low].is : CHAR_SEEN;
}

enum char_class message_char(struct text t, size_t at, size_t *ret_len)
{
	unsigned char first = (unsigned char)t.at[at];
	size_t n = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t c = first & (0xffu >> (n + 1));

	*ret_len = 1;
	if (first < 0xc2 || first > 0xf4 || t.len - at < n || !text_utf8((struct text){t.at + at, n}))
		return CHAR_NONE;
	for (size_t k = 1; k < n; k++)
		c = c << 6 | ((unsigned char)t.at[at + k] & 0x3f);
	*ret_len = n;
	return class_of(c);
}
