#include "CTestWidth.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// Without a bound Swift Testing starts every test of the package at once: hundreds of servers and transfers that share the
// cores, so that a wait of milliseconds takes minutes and what a test says about time limits becomes chance. Four for
// each core keep the cores busy, as most tests wait for a socket most of the time.
//
// A constructor, as `swift test` has no setting in Package.swift for it, and must be right as it is typed. A value that is
// set already stays.
__attribute__((constructor)) static void bound_width(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    char width[24];
    snprintf(width, sizeof width, "%ld", 4 * (cores < 1 ? 1 : cores));
    setenv(OSS_TEST_WIDTH, width, 0);
}
