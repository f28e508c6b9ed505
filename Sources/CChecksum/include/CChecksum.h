#ifndef CCHECKSUM_H
#define CCHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* MD5, SHA-1 and SHA-256 share this state; all of them work on blocks of 64 bytes. */
typedef struct {
    uint64_t byte_count;
    uint32_t words[8];
    uint8_t block[64];
} oss_digest_state;

void oss_md5_init(oss_digest_state *state);
void oss_md5_update(oss_digest_state *state, const void *bytes, size_t count);
/* Writes 16 bytes. The state must be initialised again before further use; the same holds for the other two. */
void oss_md5_finish(oss_digest_state *state, uint8_t *digest);

void oss_sha1_init(oss_digest_state *state);
void oss_sha1_update(oss_digest_state *state, const void *bytes, size_t count);
/* Writes 20 bytes. */
void oss_sha1_finish(oss_digest_state *state, uint8_t *digest);

void oss_sha256_init(oss_digest_state *state);
void oss_sha256_update(oss_digest_state *state, const void *bytes, size_t count);
/* Writes 32 bytes. */
void oss_sha256_finish(oss_digest_state *state, uint8_t *digest);

/* CRC-64/XZ: continues from `crc`, the checksum of the bytes so far (0 for none), the fastest way that this CPU has. */
uint64_t oss_crc64_update(uint64_t crc, const void *bytes, size_t count);
uint64_t oss_crc64_update_portable(uint64_t crc, const void *bytes, size_t count);
/* Gives the portable result where `oss_crc64_has_carryless_multiplication` is false. */
uint64_t oss_crc64_update_folding(uint64_t crc, const void *bytes, size_t count);
bool oss_crc64_has_carryless_multiplication(void);

/* The checksum of two runs of bytes laid end to end, from the checksums of each and the length of the second. */
uint64_t oss_crc64_combine(uint64_t first, uint64_t second, uint64_t second_count);

/* For tests: the constants that folding multiplies by, x^exponent modulo the polynomial, lowest bit first. */
#define OSS_CRC64_FOLD_CONSTANT_COUNT 4
uint64_t oss_crc64_fold_constant(size_t index);
unsigned oss_crc64_fold_exponent(size_t index);

#endif
