// System calls that Swift's overlay of the C library does not export.

#ifndef OSS_CSYSTEM_H
#define OSS_CSYSTEM_H

#include <stdint.h>
#include <sys/types.h>

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

/// Starts a program with default signal handling, no blocked signals, and no descriptors except its standard streams.
///
/// A `path` without a slash is searched for in PATH. `directory` is the current directory of the program, or NULL for
/// that of this process. `streams` become its descriptors 0, 1 and 2; a negative value stands for `/dev/null`. With
/// `newGroup`, the program leads a process group of its own. Returns 0 or the error number, including if the directory
/// or the program does not exist; `ENOTSUP` on systems without programs, such as iOS.
int oss_spawn(
    pid_t *process, const char *path, char *const arguments[], char *const environment[], const char *directory,
    const int streams[3], int newGroup);

/// Opens a pipe whose ends no other program inherits; `ends[0]` is the reading end. Returns 0 or the error number.
int oss_pipe(int ends[2]);

/// Waits until the content of a file or directory is on stable storage.
///
/// Returns 0, or -1 with the cause in `errno`.
int oss_sync(int descriptor);

/// Waits until everything that was written to a file system is on stable storage.
///
/// Returns 0, or -1 with the cause in `errno`: `ENOTSUP` if the system has no such call.
int oss_sync_file_system(int descriptor);

/// Returns the number that identifies the type of a descriptor's file system (the `f_type` of fstatfs(2) on Linux), or -1 if it
/// is unknown.
int64_t oss_file_system_type(int descriptor);

#endif
