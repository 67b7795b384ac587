/*
 * Loaded before the C library: from the call that FAULTS_FROM says, whatever the lake's thread opens, or
 * writes, fails with the error FAULTS_ERRNO.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char THREAD[] = "kith-lake-work";

static int calls;

/* What is looked at while a DuckDB is made, for which Kith holds descriptors until then. */
static int is_of_its_making(const char *path) {
    return strcmp(path, "/dev/null") == 0 || strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/sys/", 5) == 0;
}

static int fails(const char *kind) {
    char name[16];
    const char *wanted = getenv("FAULTS"), *from = getenv("FAULTS_FROM"), *error = getenv("FAULTS_ERRNO");
    if (!wanted || !from || !error || strcmp(wanted, kind) != 0) return 0;
    if (pthread_getname_np(pthread_self(), name, sizeof name) != 0 || strcmp(name, THREAD) != 0) return 0;
    if (__sync_fetch_and_add(&calls, 1) < atoi(from)) return 0;
    errno = atoi(error);
    return 1;
}

#define OPENS(name)                                                                     \
    int name(const char *path, int flags, ...) {                                        \
        va_list rest;                                                                   \
        va_start(rest, flags);                                                          \
        int mode = va_arg(rest, int);                                                   \
        va_end(rest);                                                                   \
        if (!is_of_its_making(path) && fails("open")) return -1;                        \
        return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name))(path, flags, mode); \
    }
OPENS(open)
OPENS(open64)

#define WRITES(name)                                                                    \
    ssize_t name(int file, const void *bytes, size_t many, off_t at) {                  \
        if (fails("write")) return -1;                                                  \
        return ((ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, #name))(file, bytes, many, at); \
    }
WRITES(pwrite)
WRITES(pwrite64)

ssize_t write(int file, const void *bytes, size_t many) {
    if (fails("write")) return -1;
    return ((ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write"))(file, bytes, many);
}

int fsync(int file) {
    if (fails("write")) return -1;
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file);
}
