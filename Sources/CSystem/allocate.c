#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

int oss_allocate(int descriptor, int64_t size) {
#if defined(__linux__)
    return fallocate(descriptor, 0, 0, (off_t)size);
#elif defined(__APPLE__)
    fstore_t store = {.fst_flags = F_ALLOCATEALL, .fst_posmode = F_PEOFPOSMODE, .fst_length = (off_t)size};
    if (fcntl(descriptor, F_PREALLOCATE, &store) == -1) return -1;
    return ftruncate(descriptor, (off_t)size);
#else
    (void)descriptor, (void)size;
    errno = EOPNOTSUPP;
    return -1;
#endif
}
