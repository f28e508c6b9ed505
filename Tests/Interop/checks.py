"""What the cases of the interop run are written with."""

import random

import crcmod

from refused import Refused


class Failure(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Failure(message)


def expect_equal(actual, expected, what):
    if actual != expected:
        raise Failure(f"{what} is {shorten(actual)} and should be {shorten(expected)}")


def shorten(value):
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}… ({len(text)} characters)"


def expect_refused(code, status, operation, *arguments):
    try:
        operation(*arguments)
    except Refused as refusal:
        expect_equal((refusal.status, refusal.code), (status, code), "the refusal")
        return
    raise Failure(f"it was not refused with {status} {code}")


def content(name, size):
    """Bytes that depend on the name, so that objects that were mixed up are noticed."""
    return random.Random(name).randbytes(size)


def crc64(data):
    """CRC-64/XZ, by the library that Aliyun's clients use."""
    return crcmod.mkCrcFun(0x142F0E1EBA9EA3693, initCrc=0, xorOut=0xFFFFFFFFFFFFFFFF)(data)


def by_bytes(keys):
    return sorted(keys, key=lambda key: key.encode())
