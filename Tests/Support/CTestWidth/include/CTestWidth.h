// Bounds how many tests run at once. There is nothing to call: being linked is enough.

#ifndef OSS_CTESTWIDTH_H
#define OSS_CTESTWIDTH_H

/// What the bound is in: Swift Testing reads it before it starts the first test.
#define OSS_TEST_WIDTH "SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH"

#endif
