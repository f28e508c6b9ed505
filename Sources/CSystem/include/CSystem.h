// System calls that Swift's overlay of the C library does not show.

#ifndef OSS_CSYSTEM_H
#define OSS_CSYSTEM_H

#include <stdint.h>

/// Sets `size` bytes of disk space aside for a file, without writing them where the file system can do that.
///
/// Returns 0, or -1 with the cause in `errno`: `ENOSPC` when the disk has not so much, `EOPNOTSUPP` where the file system
/// cannot do it. posix_fallocate(3) would write to every block instead, which costs as much as the download itself.
int oss_allocate(int descriptor, int64_t size);

/// Gives a file another name, in the same folder or another of the same file system, unless something has that name already.
///
/// Returns 0, or -1 with the cause in `errno`: `EEXIST` when the name is taken, `EINVAL`, `ENOSYS` or `ENOTSUP` where the
/// system or the file system cannot do it.
int oss_rename_exclusively(int directory, const char *name, int newDirectory, const char *newName);

#endif
