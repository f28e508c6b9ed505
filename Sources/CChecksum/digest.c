#include "digest.h"

#include <string.h>

void oss_digest_update(oss_digest_state *state, const void *bytes, size_t count, oss_compress compress) {
    const uint8_t *next = bytes;
    size_t held = (size_t)(state->byte_count & 63);
    if (count == 0) return;  /* `bytes` may then be NULL, which memcpy must not see */
    state->byte_count += count;
    if (held > 0) {
        size_t room = 64 - held;
        size_t taken = count < room ? count : room;
        memcpy(state->block + held, next, taken);
        next += taken;
        count -= taken;
        if (held + taken < 64) return;
        compress(state->words, state->block, 1);
    }
    if (count >= 64) {
        compress(state->words, next, count / 64);
        next += count & ~(size_t)63;
        count &= 63;
    }
    if (count > 0) memcpy(state->block, next, count);
}

void oss_digest_pad(oss_digest_state *state, bool big_endian, oss_compress compress) {
    size_t held = (size_t)(state->byte_count & 63);
    uint64_t bits = state->byte_count << 3;
    state->block[held++] = 0x80;
    if (held > 56) {
        memset(state->block + held, 0, 64 - held);
        compress(state->words, state->block, 1);
        held = 0;
    }
    memset(state->block + held, 0, 56 - held);
    for (int i = 0; i < 8; i++) {
        state->block[56 + i] = (uint8_t)(bits >> (big_endian ? 56 - 8 * i : 8 * i));
    }
    compress(state->words, state->block, 1);
}

void oss_digest_write(const uint32_t *words, size_t word_count, bool big_endian, uint8_t *digest) {
    for (size_t i = 0; i < 4 * word_count; i++) {
        unsigned place = (unsigned)(i & 3);
        digest[i] = (uint8_t)(words[i >> 2] >> (big_endian ? 24 - 8 * place : 8 * place));
    }
}
