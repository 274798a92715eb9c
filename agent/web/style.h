/* style: the one stylesheet, at /s.css. Static; any thread. */
#ifndef AGENT_WEB_STYLE_H
#define AGENT_WEB_STYLE_H

#include "policy/text.h"

struct text style_sheet(void);

#endif
