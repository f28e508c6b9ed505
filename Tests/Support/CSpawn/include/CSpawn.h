// Functions that start a program for a test. ChildProcess.swift explains why Foundation's Process is not used.

#ifndef OSS_CSPAWN_H
#define OSS_CSPAWN_H

#include <sys/types.h>

/// Starts a program with default signal handling, no blocked signals, and no descriptors except its standard streams.
///
/// `streams` become its descriptors 0, 1 and 2; a negative value stands for `/dev/null`. Returns 0 or the error number,
/// including if the directory or the program does not exist.
int oss_spawn(
    pid_t *process, const char *path, char *const arguments[], char *const environment[], const char *directory,
    const int streams[3]);

/// Opens a pipe whose ends no other program inherits; `ends[0]` is the reading end. Returns 0 or the error number.
int oss_pipe(int ends[2]);

#endif
