#ifndef OSS_CRC64_H
#define OSS_CRC64_H

#include "CChecksum.h"

/*
 * A polynomial of degree below 64 is held "lowest bit first": bit 63 is the coefficient of x^0 and bit 0 that of x^63,
 * because the checksum takes the bits of a byte from the lowest up. The remainder is not inverted here; the checksum is
 * its complement.
 */
#define OSS_CRC64_POLYNOMIAL UINT64_C(0xC96C5795D7870F42)

enum { OSS_CRC64_LANES = 8, OSS_CRC64_FOLD_MINIMUM = 64 };

/* To multiply a 128-bit piece by x^distance, its earlier half needs x^(distance + 63), its later x^(distance - 1). */
#define OSS_CRC64_FAR_EARLIER UINT64_C(0x8757D71D4FCC1000)  /* distance 1024, across all the lanes */
#define OSS_CRC64_FAR_LATER UINT64_C(0xD7D86B2AF73DE740)
#define OSS_CRC64_NEAR_EARLIER UINT64_C(0xE05DD497CA393AE4)  /* distance 128, to the next piece */
#define OSS_CRC64_NEAR_LATER UINT64_C(0xDABE95AFC7875F40)

uint64_t oss_crc64_remainder_portable(uint64_t remainder, const uint8_t *bytes, size_t count);

/* Requires `count` >= OSS_CRC64_FOLD_MINIMUM and a CPU with carry-less multiplication. Processes all bytes. */
uint64_t oss_crc64_remainder_folding(uint64_t remainder, const uint8_t *bytes, size_t count);

#endif
