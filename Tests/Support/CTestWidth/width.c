#include "CTestWidth.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// Without a bound, Swift Testing starts every test of the package at once: hundreds of servers and transfers share the
// cores, a wait of milliseconds takes minutes, and tests of time limits become unreliable. Four tests per core keep the
// cores busy, because most tests wait for a socket most of the time.
//
// This is a constructor because Package.swift has no such setting and a plain `swift test` must work. An existing value
// is kept.
__attribute__((constructor)) static void bound_width(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    char width[24];
    snprintf(width, sizeof width, "%ld", 4 * (cores < 1 ? 1 : cores));
    setenv(OSS_TEST_WIDTH, width, 0);
}
