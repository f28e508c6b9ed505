#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

int oss_rename_exclusively(int directory, const char *name, int newDirectory, const char *newName) {
#if defined(__linux__) && defined(SYS_renameat2)
    // glibc has this function since 2.28, and musl does not always have it. 1 is RENAME_NOREPLACE.
    return (int)syscall(SYS_renameat2, directory, name, newDirectory, newName, 1u);
#elif defined(__APPLE__)
    return renameatx_np(directory, name, newDirectory, newName, RENAME_EXCL);
#else
    (void)directory, (void)name, (void)newDirectory, (void)newName;
    errno = ENOTSUP;
    return -1;
#endif
}
