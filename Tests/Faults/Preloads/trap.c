// Makes a process trap when it is about to send PostgreSQL a value that holds the word that FAULTS_TRAP names: for
// everybody outside, the step that writes the word has trapped.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef int sender(void *, const char *, int, const char *const *, const int *, const int *, int);

int PQsendQueryPrepared(
    void *connection, const char *name, int count, const char *const *values, const int *lengths, const int *formats,
    int format) {
    static sender *real;
    static const char *word;
    if (!real) {
        real = (sender *)dlsym(RTLD_NEXT, "PQsendQueryPrepared");
        word = getenv("FAULTS_TRAP");
    }
    for (int index = 0; word && *word && index < count; index++) {
        if (values[index] && lengths && memmem(values[index], (size_t)lengths[index], word, strlen(word))) __builtin_trap();
    }
    return real(connection, name, count, values, lengths, formats, format);
}
