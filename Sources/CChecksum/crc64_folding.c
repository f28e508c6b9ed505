#include "crc64.h"

/*
 * The message is read as 128-bit pieces. Eight running pieces ("lanes") are each multiplied by x^1024 and added to the
 * piece 128 bytes further on, which leaves the remainder as it was; what is left in the end is 16 bytes plus a tail for
 * the tables. The product of two polynomials held lowest bit first comes out one bit low: that is the -1 in the
 * exponents of the constants.
 */

#if defined(__x86_64__)

#include <immintrin.h>

#define OSS_FOLDING_FUNCTION __attribute__((target("pclmul,sse4.1")))
typedef __m128i lane;
#define LOAD(p) _mm_loadu_si128((const __m128i *)(p))
#define STORE(p, v) _mm_storeu_si128((__m128i *)(p), v)
#define PAIR(earlier, later) _mm_set_epi64x((long long)(later), (long long)(earlier))
#define ADD(a, b) _mm_xor_si128(a, b)
#define FOLD(v, by) _mm_xor_si128(_mm_clmulepi64_si128(v, by, 0x00), _mm_clmulepi64_si128(v, by, 0x11))

#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

#include <arm_neon.h>

#define OSS_FOLDING_FUNCTION __attribute__((target("aes")))
typedef uint64x2_t lane;
#define LOAD(p) vreinterpretq_u64_u8(vld1q_u8((const uint8_t *)(p)))
#define STORE(p, v) vst1q_u8((uint8_t *)(p), vreinterpretq_u8_u64(v))
#define PAIR(earlier, later) vcombine_u64(vcreate_u64(earlier), vcreate_u64(later))
#define ADD(a, b) veorq_u64(a, b)
#define PRODUCT(a, b) vreinterpretq_u64_p128(vmull_p64((poly64_t)(a), (poly64_t)(b)))
#define FOLD(v, by)                                                                  \
    veorq_u64(PRODUCT(vgetq_lane_u64(v, 0), vgetq_lane_u64(by, 0)),              \
              PRODUCT(vgetq_lane_u64(v, 1), vgetq_lane_u64(by, 1)))

#endif

#if defined(OSS_FOLDING_FUNCTION)

OSS_FOLDING_FUNCTION
uint64_t oss_crc64_remainder_folding(uint64_t remainder, const uint8_t *bytes, size_t count) {
    const lane near = PAIR(OSS_CRC64_NEAR_EARLIER, OSS_CRC64_NEAR_LATER);
    lane first = ADD(LOAD(bytes), PAIR(remainder, 0));
    bytes += 16;
    count -= 16;
    if (count >= 2 * 16 * OSS_CRC64_LANES - 16) {
        const lane far = PAIR(OSS_CRC64_FAR_EARLIER, OSS_CRC64_FAR_LATER);
        lane a = first, b = LOAD(bytes), c = LOAD(bytes + 16), d = LOAD(bytes + 32);
        lane e = LOAD(bytes + 48), f = LOAD(bytes + 64), g = LOAD(bytes + 80), h = LOAD(bytes + 96);
        for (bytes += 112, count -= 112; count >= 128; bytes += 128, count -= 128) {
            a = ADD(FOLD(a, far), LOAD(bytes));
            b = ADD(FOLD(b, far), LOAD(bytes + 16));
            c = ADD(FOLD(c, far), LOAD(bytes + 32));
            d = ADD(FOLD(d, far), LOAD(bytes + 48));
            e = ADD(FOLD(e, far), LOAD(bytes + 64));
            f = ADD(FOLD(f, far), LOAD(bytes + 80));
            g = ADD(FOLD(g, far), LOAD(bytes + 96));
            h = ADD(FOLD(h, far), LOAD(bytes + 112));
        }
        a = ADD(FOLD(a, near), b);
        a = ADD(FOLD(a, near), c);
        a = ADD(FOLD(a, near), d);
        a = ADD(FOLD(a, near), e);
        a = ADD(FOLD(a, near), f);
        a = ADD(FOLD(a, near), g);
        first = ADD(FOLD(a, near), h);
    }
    for (; count >= 16; bytes += 16, count -= 16) first = ADD(FOLD(first, near), LOAD(bytes));

    uint8_t last[16];
    STORE(last, first);
    return oss_crc64_remainder_portable(oss_crc64_remainder_portable(0, last, 16), bytes, count);
}

#else

uint64_t oss_crc64_remainder_folding(uint64_t remainder, const uint8_t *bytes, size_t count) {
    return oss_crc64_remainder_portable(remainder, bytes, count);
}

#endif
