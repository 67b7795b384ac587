/* Finds a function of DuckDB in libduckdb.so when it is called for the first time (late.S).
 *
 * The server collects without DuckDB: processes apart write history and answer questions. Linked as usual, the library
 * would be in its memory all the same, with its symbols, its relocations and the C++ library, and every command would
 * wait until it is loaded. So the program is linked to this, which scripts/duckdb.sh makes, and the library is looked
 * for where it would have been when the program starts: in LD_LIBRARY_PATH and beside the program.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

#define EXIT_NO_LIBRARY 127 /* the dynamic linker's own */

#define FUNCTION(number, name) #name,
static const char *const names[] = {
#include "names.h"
};

/* Where each function is; until it is known, the way here. */
extern void *kith_duckdb_slots[];

/* Called once for a function, or more often if threads race: all of them write the same word. */
void *kith_duckdb_function(unsigned long number)
{
	void *library = dlopen("libduckdb.so", RTLD_LAZY | RTLD_GLOBAL);
	void *function = library ? dlsym(library, names[number]) : NULL;
	if (!function) {
		fprintf(stderr, "kith: %s\n", dlerror());
		_exit(EXIT_NO_LIBRARY);
	}
	__atomic_store_n(&kith_duckdb_slots[number], function, __ATOMIC_RELEASE);
	return function;
}
