// System calls that Swift's overlay of the C library does not show.

#ifndef OSS_CSYSTEM_H
#define OSS_CSYSTEM_H

#include <stdint.h>

/// Sets `size` bytes of disk space aside for a file, without writing them where the file system can do that.
///
/// Returns 0, or -1 with the cause in `errno`: `ENOSPC` when the disk has not so much, `EOPNOTSUPP` where the file system
/// cannot do it. posix_fallocate(3) would write to every block instead, which costs as much as the download itself.
int oss_allocate(int descriptor, int64_t size);

#endif
