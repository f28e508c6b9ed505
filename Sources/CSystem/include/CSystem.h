// System calls that Swift's overlay of the C library does not export.

#ifndef OSS_CSYSTEM_H
#define OSS_CSYSTEM_H

#include <stdint.h>

/// Sets a file's size and reserves disk space for it, without writing to the disk.
///
/// Returns 0, or -1 with the cause in `errno`: `ENOSPC` if the disk does not have enough space, or `EOPNOTSUPP` if the file
/// system cannot reserve space. posix_fallocate(3) would then write to every block, which costs as much as the download.
int oss_allocate(int descriptor, int64_t size);

/// Renames a file, or moves it to another directory of the same file system, unless the new name is taken.
///
/// Returns 0, or -1 with the cause in `errno`: `EEXIST` if the name is taken, or `EINVAL`, `ENOSYS` or `ENOTSUP` if the
/// system or the file system does not support this.
int oss_rename_exclusively(int directory, const char *name, int newDirectory, const char *newName);

/// Names the calling thread for debuggers and profilers. Longer names than 15 bytes have no effect on Linux.
void oss_name_thread(const char *name);

#endif
