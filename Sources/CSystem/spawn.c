#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#if defined(__APPLE__)
#include <TargetConditionals.h>
#endif

#if defined(__APPLE__) && !TARGET_OS_OSX

int oss_spawn(
    pid_t *process, const char *path, char *const arguments[], char *const environment[], const char *directory,
    const int streams[3], int newGroup) {
    (void)process, (void)path, (void)arguments, (void)environment, (void)directory, (void)streams, (void)newGroup;
    return ENOTSUP;
}

#else

static int set_attributes(posix_spawnattr_t *attributes, int newGroup) {
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
#if defined(__APPLE__)
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
    // The default group ID of the attributes, 0, makes the program the leader of a new group.
    if (newGroup) flags |= POSIX_SPAWN_SETPGROUP;
    int error = posix_spawnattr_setsigdefault(attributes, &all);
    if (error == 0) error = posix_spawnattr_setsigmask(attributes, &none);
    if (error == 0) error = posix_spawnattr_setflags(attributes, flags);
    return error;
}

static int set_actions(posix_spawn_file_actions_t *actions, const char *directory, const int streams[3]) {
    int error = directory == NULL ? 0 : posix_spawn_file_actions_addchdir_np(actions, directory);
    for (int stream = 0; stream < 3 && error == 0; stream++) {
        error = streams[stream] < 0 ? posix_spawn_file_actions_addopen(actions, stream, "/dev/null", O_RDWR, 0)
                                    : posix_spawn_file_actions_adddup2(actions, streams[stream], stream);
    }
    // Two conditions, because the second is a syntax error without the macro. With older versions of glibc and with musl,
    // only O_CLOEXEC keeps descriptors from the program.
#if defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 34)
    if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(actions, 3);
#endif
#endif
    return error;
}

static int spawn(
    pid_t *process, const char *path, char *const arguments[], char *const environment[], const char *directory,
    const int streams[3], int newGroup) {
    posix_spawnattr_t attributes;
    int error = posix_spawnattr_init(&attributes);
    if (error != 0) return error;
    posix_spawn_file_actions_t actions;
    error = posix_spawn_file_actions_init(&actions);
    if (error == 0) {
        error = set_attributes(&attributes, newGroup);
        if (error == 0) error = set_actions(&actions, directory, streams);
        if (error == 0) error = posix_spawnp(process, path, &actions, &attributes, arguments, environment);
        posix_spawn_file_actions_destroy(&actions);
    }
    posix_spawnattr_destroy(&attributes);
    return error;
}

int oss_spawn(
    pid_t *process, const char *path, char *const arguments[], char *const environment[], const char *directory,
    const int streams[3], int newGroup) {
    // A descriptor 0, 1 or 2 that is to become a later stream would be replaced before it is used.
    int error = 0, sources[3], copies[3] = {-1, -1, -1};
    for (int stream = 0; stream < 3 && error == 0; stream++) {
        sources[stream] = streams[stream];
        if (streams[stream] < 0 || streams[stream] > 2 || streams[stream] == stream) continue;
        sources[stream] = copies[stream] = fcntl(streams[stream], F_DUPFD_CLOEXEC, 3);
        if (copies[stream] == -1) error = errno;
    }
    if (error == 0) error = spawn(process, path, arguments, environment, directory, sources, newGroup);
    for (int stream = 0; stream < 3; stream++) {
        if (copies[stream] != -1) close(copies[stream]);
    }
    return error;
}

#endif

int oss_pipe(int ends[2]) {
#if defined(__linux__)
    return pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
#else
    if (pipe(ends) == -1) return errno;
    for (int end = 0; end < 2; end++) fcntl(ends[end], F_SETFD, FD_CLOEXEC);
    return 0;
#endif
}
