// What starts a program for a test. Why not Foundation's Process: see ChildProcess.swift.

#ifndef OSS_CSPAWN_H
#define OSS_CSPAWN_H

#include <sys/types.h>

/// Starts a program with the default handling of signals, none of them blocked, and no descriptor but its standard streams.
///
/// `streams` are what becomes its descriptors 0, 1 and 2; one below 0 stands for `/dev/null`. Returns 0 or the error number,
/// also when the directory or the program is not there.
int oss_spawn(
    pid_t *process, const char *path, char *const arguments[], char *const environment[], const char *directory,
    const int streams[3]);

/// Opens a pipe whose ends no other program gets: `ends[0]` is read from. Returns 0 or the error number.
int oss_pipe(int ends[2]);

#endif
