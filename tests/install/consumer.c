/* The smallest user of the installed library: prints the word for one status. */
#include <seine/status.h>
#include <stdio.h>

int main(void) { return puts(seine_status_text(SEINE_E_NOT_FOUND)) < 0; }
