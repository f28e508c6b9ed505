#include "digest.h"

/* FIPS 180-4, section 6.2. */

static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

#define CHOOSE(e, f, g) ((g) ^ ((e) & ((f) ^ (g))))
#define MAJORITY(a, b, c) (((a) & (b)) | ((c) & ((a) | (b))))
#define BIG_SIGMA_0(a) (OSS_ROTATE_RIGHT(a, 2) ^ OSS_ROTATE_RIGHT(a, 13) ^ OSS_ROTATE_RIGHT(a, 22))
#define BIG_SIGMA_1(e) (OSS_ROTATE_RIGHT(e, 6) ^ OSS_ROTATE_RIGHT(e, 11) ^ OSS_ROTATE_RIGHT(e, 25))
#define SMALL_SIGMA_0(w) (OSS_ROTATE_RIGHT(w, 7) ^ OSS_ROTATE_RIGHT(w, 18) ^ ((w) >> 3))
#define SMALL_SIGMA_1(w) (OSS_ROTATE_RIGHT(w, 17) ^ OSS_ROTATE_RIGHT(w, 19) ^ ((w) >> 10))

/* The eight working variables keep their places; the names rotate from round to round instead. */
#define ROUND(a, b, c, d, e, f, g, h, i)                                        \
    h += BIG_SIGMA_1(e) + CHOOSE(e, f, g) + round_constants[i] + schedule[i]; \
    d += h;                                                                   \
    h += BIG_SIGMA_0(a) + MAJORITY(a, b, c);

static void compress(uint32_t *words, const uint8_t *block, size_t count) {
    uint32_t schedule[64];
    for (; count > 0; count--, block += 64) {
        uint32_t a = words[0], b = words[1], c = words[2], d = words[3];
        uint32_t e = words[4], f = words[5], g = words[6], h = words[7];
        for (int i = 0; i < 16; i++) schedule[i] = OSS_LOAD_BIG(block + 4 * i);
        for (int i = 16; i < 64; i++) {
            schedule[i] = SMALL_SIGMA_1(schedule[i - 2]) + schedule[i - 7];
            schedule[i] += SMALL_SIGMA_0(schedule[i - 15]) + schedule[i - 16];
        }
        for (int i = 0; i < 64; i += 8) {
            ROUND(a, b, c, d, e, f, g, h, i)
            ROUND(h, a, b, c, d, e, f, g, i + 1)
            ROUND(g, h, a, b, c, d, e, f, i + 2)
            ROUND(f, g, h, a, b, c, d, e, i + 3)
            ROUND(e, f, g, h, a, b, c, d, i + 4)
            ROUND(d, e, f, g, h, a, b, c, i + 5)
            ROUND(c, d, e, f, g, h, a, b, i + 6)
            ROUND(b, c, d, e, f, g, h, a, i + 7)
        }
        words[0] += a;
        words[1] += b;
        words[2] += c;
        words[3] += d;
        words[4] += e;
        words[5] += f;
        words[6] += g;
        words[7] += h;
    }
}

void oss_sha256_init(oss_digest_state *state) {
    static const uint32_t initial[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    };
    state->byte_count = 0;
    for (int i = 0; i < 8; i++) state->words[i] = initial[i];
}

void oss_sha256_update(oss_digest_state *state, const void *bytes, size_t count) {
    oss_digest_update(state, bytes, count, compress);
}

void oss_sha256_finish(oss_digest_state *state, uint8_t *digest) {
    oss_digest_pad(state, true, compress);
    oss_digest_write(state->words, 8, true, digest);
}
