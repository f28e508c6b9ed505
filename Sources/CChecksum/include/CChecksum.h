#ifndef CCHECKSUM_H
#define CCHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The state of MD5, SHA-1 and SHA-256, all of which process blocks of 64 bytes. */
typedef struct {
    uint64_t byte_count;
    uint32_t words[8];
    uint8_t block[64];
} oss_digest_state;

void oss_md5_init(oss_digest_state *state);
void oss_md5_update(oss_digest_state *state, const void *bytes, size_t count);
/* Writes 16 bytes. As with the other two digests, the state must be initialized again before further use. */
void oss_md5_finish(oss_digest_state *state, uint8_t *digest);

void oss_sha1_init(oss_digest_state *state);
void oss_sha1_update(oss_digest_state *state, const void *bytes, size_t count);
/* Writes 20 bytes. */
void oss_sha1_finish(oss_digest_state *state, uint8_t *digest);

void oss_sha256_init(oss_digest_state *state);
void oss_sha256_update(oss_digest_state *state, const void *bytes, size_t count);
/* Writes 32 bytes. */
void oss_sha256_finish(oss_digest_state *state, uint8_t *digest);

/* Continues the CRC-64/XZ `crc` of earlier bytes (0 if there are none), using the fastest method of this CPU. */
uint64_t oss_crc64_update(uint64_t crc, const void *bytes, size_t count);
uint64_t oss_crc64_update_portable(uint64_t crc, const void *bytes, size_t count);
/* Uses the portable method if `oss_crc64_has_carryless_multiplication` returns false. */
uint64_t oss_crc64_update_folding(uint64_t crc, const void *bytes, size_t count);
bool oss_crc64_has_carryless_multiplication(void);

/* Returns the checksum of two consecutive byte sequences, given the checksum of each and the length of the second. */
uint64_t oss_crc64_combine(uint64_t first, uint64_t second, uint64_t second_count);

/* For tests: the constants by which folding multiplies, x^exponent modulo the polynomial, lowest bit first. */
#define OSS_CRC64_FOLD_CONSTANT_COUNT 4
uint64_t oss_crc64_fold_constant(size_t index);
unsigned oss_crc64_fold_exponent(size_t index);

#endif
