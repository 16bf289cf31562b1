"""Fernet tokens and per-user keys with the standard library alone.

For sample and test data only: the time stamp and the IV are given by the caller, so that
the same input always makes the same token, and AES is table-driven, not constant-time.
"""

import base64
import hashlib
import hmac
import struct


def _tables():
    """AES's S-box, and the table that joins SubBytes with one column of MixColumns."""
    exponent, logarithm, value = [0] * 255, [0] * 256, 1
    for power in range(255):
        exponent[power], logarithm[value] = value, power
        value ^= (value << 1) ^ (0x11B if value & 0x80 else 0)
        value &= 0xFF
    box, column = [], []
    for byte in range(256):
        inverse = exponent[-logarithm[byte] % 255] if byte else 0
        spread = inverse ^ inverse << 1 ^ inverse << 2 ^ inverse << 3 ^ inverse << 4
        substituted = (spread ^ spread >> 8) & 0xFF ^ 0x63
        double = substituted << 1 ^ (0x11B if substituted & 0x80 else 0)
        box.append(substituted)
        column.append(
            double << 24 | substituted << 16 | substituted << 8 | (double ^ substituted)
        )
    return box, column


_BOX, _T0 = _tables()
_T1, _T2, _T3 = ([(word >> n | word << 32 - n) & 0xFFFFFFFF for word in _T0] for n in (8, 16, 24))


def _expand(key):
    """The 44 words of AES-128's key schedule (FIPS 197, section 5.2)."""
    words, constant = list(struct.unpack(">4I", key)), 1
    for index in range(4, 44):
        word = words[-1]
        if index % 4 == 0:
            parts = struct.pack(">I", (word << 8 | word >> 24) & 0xFFFFFFFF)
            word = int.from_bytes(bytes(_BOX[byte] for byte in parts), "big") ^ constant << 24
            constant = constant << 1 ^ (0x11B if constant & 0x80 else 0)
        words.append(words[-4] ^ word)
    return words


def _encrypt_block(words, block):
    """One block of four big-endian words through AES-128."""
    a, b, c, d = (block[i] ^ words[i] for i in range(4))
    for r in range(4, 40, 4):
        a, b, c, d = (
            _T0[a >> 24] ^ _T1[b >> 16 & 255] ^ _T2[c >> 8 & 255] ^ _T3[d & 255] ^ words[r],
            _T0[b >> 24] ^ _T1[c >> 16 & 255] ^ _T2[d >> 8 & 255] ^ _T3[a & 255] ^ words[r + 1],
            _T0[c >> 24] ^ _T1[d >> 16 & 255] ^ _T2[a >> 8 & 255] ^ _T3[b & 255] ^ words[r + 2],
            _T0[d >> 24] ^ _T1[a >> 16 & 255] ^ _T2[b >> 8 & 255] ^ _T3[c & 255] ^ words[r + 3],
        )
    return tuple(
        (_BOX[w >> 24] << 24 | _BOX[x >> 16 & 255] << 16 | _BOX[y >> 8 & 255] << 8 | _BOX[z & 255])
        ^ words[40 + i]
        for i, (w, x, y, z) in enumerate(((a, b, c, d), (b, c, d, a), (c, d, a, b), (d, a, b, c)))
    )


def encrypt_cbc(key, iv, data):
    """AES-128-CBC with PKCS#7 padding."""
    padding = 16 - len(data) % 16
    data += bytes([padding]) * padding
    words, previous, sealed = _expand(key), struct.unpack(">4I", iv), bytearray()
    for offset in range(0, len(data), 16):
        block = struct.unpack_from(">4I", data, offset)
        previous = _encrypt_block(words, tuple(x ^ y for x, y in zip(block, previous)))
        sealed += struct.pack(">4I", *previous)
    return bytes(sealed)


def user_key(user, master_key=None):
    """The 32 bytes that a user's store is sealed with, signing half first."""
    if master_key is None:
        return hashlib.sha256(("default_key_" + user).encode()).digest()
    password = base64.urlsafe_b64decode(master_key)
    return hashlib.pbkdf2_hmac("sha256", password, user.encode(), 100_000)


def seal(key, data, timestamp, iv):
    """A Fernet token (version 0x80) of `data`, at a given time and with a given IV."""
    body = b"\x80" + struct.pack(">Q", timestamp) + iv + encrypt_cbc(key[16:], iv, data)
    return base64.urlsafe_b64encode(body + hmac.new(key[:16], body, hashlib.sha256).digest())
