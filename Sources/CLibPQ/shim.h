#include <libpq-fe.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

// Variadic functions do not reach Swift.
static inline void reeve_name_this_thread(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}
