#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/vfs.h>
#endif

int oss_sync(int descriptor) {
#if defined(__APPLE__)
    // Here, fsync leaves the data in the cache of the drive, from which a power failure can remove it. Some file systems,
    // such as SMB, have only fsync.
    if (fcntl(descriptor, F_FULLFSYNC) == 0) return 0;
    if (errno != ENOTSUP && errno != EINVAL && errno != ENOTTY) return -1;
#endif
    return fsync(descriptor);
}

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
