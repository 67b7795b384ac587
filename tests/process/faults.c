/*
 * Loaded before the C library: from a certain call on, whatever the process that writes files opens or writes fails,
 * or whatever its server opens or writes of them. What, from which call on and with which error is in the file
 * "faults" beside this library, since that process has none of its server's environment: "writer open 3 24".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char COMMAND[] = "write-files";

static int is_writer, from = -1, error, calls;
static char kind[8];

/* Past the calls below, which are not to count it. */
static size_t text_of(const char *path, char *text, size_t room) {
    int file = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
    ssize_t many = file < 0 ? 0 : read(file, text, room - 1);
    size_t length = many < 0 ? 0 : many;
    text[length] = 0;
    if (file >= 0) close(file);
    return length;
}

__attribute__((constructor)) static void begin(void) {
    char line[4096], path[4096], role[8];
    Dl_info here;
    size_t many = text_of("/proc/self/cmdline", line, sizeof line);
    is_writer = memmem(line, many, COMMAND, sizeof COMMAND - 1) != NULL;
    if (!dladdr((void *)begin, &here)) return;
    snprintf(path, sizeof path, "%s", here.dli_fname);
    char *slash = strrchr(path, '/');
    if (!slash) return;
    snprintf(slash, sizeof path - (slash - path), "/faults");
    text_of(path, line, sizeof line);
    int first;
    if (sscanf(line, "%7s %7s %d %d", role, kind, &first, &error) == 4 && (strcmp(role, "writer") == 0) == is_writer)
        from = first;
}

/* What is looked at while a DuckDB is made, for which Kith holds descriptors until then. */
static int is_of_its_making(const char *path) {
    return strcmp(path, "/dev/null") == 0 || strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/sys/", 5) == 0;
}

/* Of the server's only the folder of history and what lies in it: its database has tests of its own. */
static int is_of_history(const char *path) {
    return is_writer ? !is_of_its_making(path) : strstr(path, "/events") != NULL;
}

static int is_file_of_history(int file) {
    char link[64], path[4096];
    struct stat of;
    if (fstat(file, &of) != 0 || S_ISSOCK(of.st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t many = readlink(link, path, sizeof path - 1);
    path[many < 0 ? 0 : many] = 0;
    return is_of_history(path);
}

static int fails(const char *call) {
    if (from < 0 || strcmp(call, kind) != 0) return 0;
    if (__sync_fetch_and_add(&calls, 1) < from) return 0;
    errno = error;
    return 1;
}

/* For the server: the process that writes files is not ended by what ends others, as one is not that the kernel holds. */
int kill(pid_t pid, int signal) {
    static int (*real)(pid_t, int);
    if (from >= 0 && !is_writer && signal == SIGKILL && strcmp(kind, "kill") == 0) {
        char path[64], line[4096];
        snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
        if (memmem(line, text_of(path, line, sizeof line), COMMAND, sizeof COMMAND - 1)) return 0;
    }
    if (!real) real = dlsym(RTLD_NEXT, "kill");
    return real(pid, signal);
}

#define OPENS(name)                                                                     \
    int name(const char *path, int flags, ...) {                                        \
        va_list rest;                                                                   \
        va_start(rest, flags);                                                          \
        int mode = va_arg(rest, int);                                                   \
        va_end(rest);                                                                   \
        if (is_of_history(path) && fails("open")) return -1;                            \
        return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name))(path, flags, mode); \
    }
OPENS(open)
OPENS(open64)

#define WRITES(name)                                                                    \
    ssize_t name(int file, const void *bytes, size_t many, off_t at) {                  \
        if (is_file_of_history(file) && fails("write")) return -1;                      \
        return ((ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, #name))(file, bytes, many, at); \
    }
WRITES(pwrite)
WRITES(pwrite64)

ssize_t write(int file, const void *bytes, size_t many) {
    if (is_file_of_history(file) && fails("write")) return -1;
    return ((ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write"))(file, bytes, many);
}

int fsync(int file) {
    if (is_file_of_history(file) && fails("write")) return -1;
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file);
}
