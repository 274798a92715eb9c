/* The least that a process can be: what headgate-hook's start is compared with. */
int main(void)
{
	return 0;
}
