#include "crc64.h"

#include <string.h>

/* slices[k][b] is the remainder of byte b followed by k zero bytes. 32 KiB: filled at load, not kept in source. */
static uint64_t slices[16][256];

/* doublings[k] is x^(2^k). The last two are for the factor 8 between a length in bytes and one in bits. */
static uint64_t doublings[67];

static bool can_fold;

static uint64_t multiply(uint64_t a, uint64_t b) {
    uint64_t product = 0;
    for (uint64_t bit = UINT64_C(1) << 63; bit != 0; bit >>= 1) {
        if (a & bit) product ^= b;
        b = (b >> 1) ^ (b & 1 ? OSS_CRC64_POLYNOMIAL : 0);
    }
    return product;
}

static bool detect(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
#elif defined(__aarch64__) && (defined(__ARM_FEATURE_AES) || defined(__ARM_FEATURE_CRYPTO) || defined(__APPLE__))
    return true;
#elif defined(__aarch64__) && defined(__linux__)
    extern unsigned long getauxval(unsigned long);
    return (getauxval(16 /* AT_HWCAP */) & (1ul << 4 /* HWCAP_PMULL */)) != 0;
#else
    return false;
#endif
}

/* Runs before main and before any thread starts, so the hot path needs neither a lock nor a once-flag. */
__attribute__((constructor)) static void prepare(void) {
    for (unsigned byte = 0; byte < 256; byte++) {
        uint64_t remainder = byte;
        for (int bit = 0; bit < 8; bit++) remainder = (remainder >> 1) ^ (remainder & 1 ? OSS_CRC64_POLYNOMIAL : 0);
        slices[0][byte] = remainder;
    }
    for (int k = 1; k < 16; k++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint64_t shorter = slices[k - 1][byte];
            slices[k][byte] = (shorter >> 8) ^ slices[0][shorter & 0xff];
        }
    }
    doublings[0] = UINT64_C(1) << 62;
    for (int k = 1; k < 67; k++) doublings[k] = multiply(doublings[k - 1], doublings[k - 1]);
    can_fold = detect();
}

uint64_t oss_crc64_remainder_portable(uint64_t remainder, const uint8_t *bytes, size_t count) {
    for (; count >= 16; bytes += 16, count -= 16) {
        uint64_t early, late;
        memcpy(&early, bytes, 8);
        memcpy(&late, bytes + 8, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        early = __builtin_bswap64(early);
        late = __builtin_bswap64(late);
#endif
        early ^= remainder;
        remainder = slices[15][early & 0xff] ^ slices[14][early >> 8 & 0xff] ^ slices[13][early >> 16 & 0xff]
            ^ slices[12][early >> 24 & 0xff] ^ slices[11][early >> 32 & 0xff] ^ slices[10][early >> 40 & 0xff]
            ^ slices[9][early >> 48 & 0xff] ^ slices[8][early >> 56]
            ^ slices[7][late & 0xff] ^ slices[6][late >> 8 & 0xff] ^ slices[5][late >> 16 & 0xff]
            ^ slices[4][late >> 24 & 0xff] ^ slices[3][late >> 32 & 0xff] ^ slices[2][late >> 40 & 0xff]
            ^ slices[1][late >> 48 & 0xff] ^ slices[0][late >> 56];
    }
    for (; count > 0; bytes++, count--) remainder = (remainder >> 8) ^ slices[0][(remainder ^ *bytes) & 0xff];
    return remainder;
}

uint64_t oss_crc64_update_portable(uint64_t crc, const void *bytes, size_t count) {
    return ~oss_crc64_remainder_portable(~crc, bytes, count);
}

uint64_t oss_crc64_update_folding(uint64_t crc, const void *bytes, size_t count) {
    if (!can_fold || count < OSS_CRC64_FOLD_MINIMUM) return oss_crc64_update_portable(crc, bytes, count);
    return ~oss_crc64_remainder_folding(~crc, bytes, count);
}

uint64_t oss_crc64_update(uint64_t crc, const void *bytes, size_t count) {
    return oss_crc64_update_folding(crc, bytes, count);
}

bool oss_crc64_has_carryless_multiplication(void) {
    return can_fold;
}

uint64_t oss_crc64_combine(uint64_t first, uint64_t second, uint64_t second_count) {
    if (second_count == 0) return first;
    uint64_t moved = first;
    for (int k = 3; second_count != 0; k++, second_count >>= 1) {
        if (second_count & 1) moved = multiply(moved, doublings[k]);
    }
    return moved ^ second;
}

uint64_t oss_crc64_fold_constant(size_t index) {
    static const uint64_t constants[OSS_CRC64_FOLD_CONSTANT_COUNT] = {
        OSS_CRC64_FAR_EARLIER, OSS_CRC64_FAR_LATER, OSS_CRC64_NEAR_EARLIER, OSS_CRC64_NEAR_LATER,
    };
    return index < OSS_CRC64_FOLD_CONSTANT_COUNT ? constants[index] : 0;
}

unsigned oss_crc64_fold_exponent(size_t index) {
    static const unsigned exponents[OSS_CRC64_FOLD_CONSTANT_COUNT] = {1024 + 63, 1024 - 1, 128 + 63, 128 - 1};
    return index < OSS_CRC64_FOLD_CONSTANT_COUNT ? exponents[index] : 0;
}
