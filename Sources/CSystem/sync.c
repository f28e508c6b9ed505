#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/vfs.h>
#endif

int oss_sync_file_system(int descriptor) {
#if defined(__linux__)
    return syncfs(descriptor);
#else
    (void)descriptor;
    errno = ENOTSUP;
    return -1;
#endif
}

int64_t oss_file_system_type(int descriptor) {
#if defined(__linux__)
    struct statfs status;
    // The field is signed on some architectures, and the numbers have 32 bits.
    return fstatfs(descriptor, &status) == 0 ? (int64_t)(uint32_t)status.f_type : -1;
#else
    (void)descriptor;
    return -1;
#endif
}
