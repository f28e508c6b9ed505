#ifndef OSS_DIGEST_H
#define OSS_DIGEST_H

#include "CChecksum.h"

/* Macros instead of functions: if C is compiled without optimization, every call in a round costs time. */
#define OSS_ROTATE_LEFT(x, n) (((x) << (n)) | ((x) >> (32 - (n))))
#define OSS_ROTATE_RIGHT(x, n) (((x) >> (n)) | ((x) << (32 - (n))))

#define OSS_LOAD_BIG(p) \
    ((uint32_t)(p)[0] << 24 | (uint32_t)(p)[1] << 16 | (uint32_t)(p)[2] << 8 | (uint32_t)(p)[3])
#define OSS_LOAD_LITTLE(p) \
    ((uint32_t)(p)[3] << 24 | (uint32_t)(p)[2] << 16 | (uint32_t)(p)[1] << 8 | (uint32_t)(p)[0])

typedef void (*oss_compress)(uint32_t *words, const uint8_t *blocks, size_t count);

void oss_digest_update(oss_digest_state *state, const void *bytes, size_t count, oss_compress compress);

/* Pads the last block, with the bit count in big or little endian order, and compresses it. */
void oss_digest_pad(oss_digest_state *state, bool big_endian, oss_compress compress);

void oss_digest_write(const uint32_t *words, size_t word_count, bool big_endian, uint8_t *digest);

#endif
