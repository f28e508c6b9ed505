#include "digest.h"

/* FIPS 180-4, section 6.1. */

#define CHOOSE(b, c, d) ((d) ^ ((b) & ((c) ^ (d))))
#define PARITY(b, c, d) ((b) ^ (c) ^ (d))
#define MAJORITY(b, c, d) (((b) & (c)) | ((d) & ((b) | (c))))
#define ROUND(f, a, b, c, d, e, constant, i)                                 \
    e += OSS_ROTATE_LEFT(a, 5) + f(b, c, d) + constant + schedule[i];      \
    b = OSS_ROTATE_LEFT(b, 30);
#define FIVE_ROUNDS(f, constant, i)           \
    ROUND(f, a, b, c, d, e, constant, i)      \
    ROUND(f, e, a, b, c, d, constant, i + 1)  \
    ROUND(f, d, e, a, b, c, constant, i + 2)  \
    ROUND(f, c, d, e, a, b, constant, i + 3)  \
    ROUND(f, b, c, d, e, a, constant, i + 4)

static void compress(uint32_t *words, const uint8_t *block, size_t count) {
    uint32_t schedule[80];
    for (; count > 0; count--, block += 64) {
        uint32_t a = words[0], b = words[1], c = words[2], d = words[3], e = words[4];
        for (int i = 0; i < 16; i++) schedule[i] = OSS_LOAD_BIG(block + 4 * i);
        for (int i = 16; i < 80; i++) {
            uint32_t mixed = schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16];
            schedule[i] = OSS_ROTATE_LEFT(mixed, 1);
        }
        for (int i = 0; i < 20; i += 5) { FIVE_ROUNDS(CHOOSE, 0x5a827999, i) }
        for (int i = 20; i < 40; i += 5) { FIVE_ROUNDS(PARITY, 0x6ed9eba1, i) }
        for (int i = 40; i < 60; i += 5) { FIVE_ROUNDS(MAJORITY, 0x8f1bbcdc, i) }
        for (int i = 60; i < 80; i += 5) { FIVE_ROUNDS(PARITY, 0xca62c1d6, i) }
        words[0] += a;
        words[1] += b;
        words[2] += c;
        words[3] += d;
        words[4] += e;
    }
}

void oss_sha1_init(oss_digest_state *state) {
    static const uint32_t initial[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    state->byte_count = 0;
    for (int i = 0; i < 5; i++) state->words[i] = initial[i];
}

void oss_sha1_update(oss_digest_state *state, const void *bytes, size_t count) {
    oss_digest_update(state, bytes, count, compress);
}

void oss_sha1_finish(oss_digest_state *state, uint8_t *digest) {
    oss_digest_pad(state, true, compress);
    oss_digest_write(state->words, 5, true, digest);
}
