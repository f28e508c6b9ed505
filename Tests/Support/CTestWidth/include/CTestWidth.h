// Bounds the number of concurrent tests. Linking this target is enough; there is no function to call.

#ifndef OSS_CTESTWIDTH_H
#define OSS_CTESTWIDTH_H

/// The environment variable that contains the bound. Swift Testing reads it before it starts the first test.
#define OSS_TEST_WIDTH "SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH"

#endif
