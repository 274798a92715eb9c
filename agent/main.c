#include <signal.h>

#include "agent/cli/command.h"

int main(int argc, char **argv)
{
	struct console console = console_standard();
	int code;

	/* A peer that closed its end is an error of that write, never the end of the process. */
	(void)signal(SIGPIPE, SIG_IGN);
	code = command_main(command_table(), argc, argv, &console);
	/* An answer that did not reach its reader must not look like one. */
	if (fflush(stdout) != 0 && code == COMMAND_OK)
		code = COMMAND_NO;
	return code;
}
