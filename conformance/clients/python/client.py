#!/usr/bin/env python3
"""Computes the cases of a ThreeHalf exchange folder: client.py IN OUT (spec/CONFORMANCE.md, section 4).

Written from spec/FORMAT.md and spec/INFERENCE.md alone, as a pattern for a device's own program. Needs Python 3.9 and numpy.
"""
import json
import math
import sys
from pathlib import Path

import numpy as np

FORMATS = {}  # by name, from IN/formats.json
DTYPES = {"u8": np.dtype("u1"), "i8": np.dtype("i1"), "i32": np.dtype("<i4"), "f32": np.dtype("<f4")}


class Refused(Exception):
    """The input is outside the domain."""


def require(condition, why):
    if not condition:
        raise Refused(why)


def formats(text):
    """REQ-FMT-001 and REQ-FMT-002: bits and table at even and at odd inputs, sub-scales, D, limit of K, whether tables are read by windows."""
    data = json.loads(text)
    tables = {name: np.array(values) for name, values in data["tables"].items()}
    return {row["name"]: (row["evenBits"], tables[row["evenTable"]], row["oddBits"], tables[row["oddTable"]], row["subscales"],
                          row["scaleDivisor"], row["maxColumns"], row["windowed"]) for row in data["formats"]}


def quantize_activation(x):
    """REQ-QNT-001 to REQ-QNT-003."""
    require(np.all(np.abs(x) <= np.float32(2**56)), "an activation is NaN, infinite or over 2^56")
    scale = np.float32(np.max(np.abs(x), initial=np.float32(0)) / np.float32(127))
    codes = np.zeros(len(x), np.int8)
    if scale > 0:
        codes = np.clip(np.rint(x / scale), -127, 127).astype(np.int8)
    return {"scale.f32": [scale], "codes.i8": codes}


def nearest(u, m, table):
    """REQ-QNT-011: argmin takes the smallest code of equals."""
    return np.argmin(np.abs(u[:, None] - 64 * m * table[None, :]), axis=1)


def windowed(form):
    """Whether tables are read by windows of a block's string (REQ-FMT-009)."""
    return form[7]


def width(form, i):
    return form[2 * (i % 2)]


def position(form, i):
    """p_i of REQ-FMT-009."""
    return (form[0] + form[2]) * (i // 2) + form[0] * (i % 2)


def windows(form, codes):
    """REQ-FMT-009: the window of each input; codes past K are 0."""
    bits, found = 32 * (form[0] + form[2]), []
    for start in range(0, len(codes), 64):
        block = codes[start:start + 64]
        string = sum(int(c) << position(form, i) for i, c in enumerate(block))
        string |= string << bits
        found += [string >> position(form, i) & 255 for i in range(len(block))]
    return np.array(found, np.int64)


def shortest_path(form, u, m, seam):
    """The least E(m) with w_0 mod 2^(8-odd) = seam, and its windows by the order of REQ-QNT-014."""
    never, states = 1 << 60, np.arange(256)
    costs, came = np.where(states % (1 << 8 - form[2]) == seam, 0, never), []
    for i in range(64):
        if i > 0:  # the windows before: the code that is shifted out comes lowest; argmin takes the smallest of equals
            bits = width(form, i - 1)
            groups = costs.reshape(-1, 1 << bits)
            shared = states % (1 << 8 - bits)
            came.append(shared << bits | np.argmin(groups, axis=1)[shared])
            costs = np.min(groups, axis=1)[shared]
        if i < len(u):
            costs = np.minimum(never, costs + (u[i] - 64 * m * form[1]) ** 2)
        else:
            costs = np.where(states % (1 << width(form, i)) == 0, costs, never)
    costs = np.where(states >> form[2] == seam, costs, never)
    path = [int(np.argmin(costs))]
    for before in reversed(came):
        path.append(int(before[path[-1]]))
    return int(np.min(costs)), path[::-1]


def quantize_paths(form, scale, u):
    """REQ-QNT-014 to REQ-QNT-016."""
    codes, subscales = np.zeros(len(u), np.uint8), []
    for start in range(0, len(u), 64):
        block, best = u[start:start + 64], None
        squares, largest = int(np.sum(block ** 2)), int(np.max(np.abs(block)))
        spread = max(m for m in range(16) if 262144 * m * m * len(block) <= squares)
        reach = next((m for m in range(15) if 1472 * m >= largest), 15)
        for m in sorted({spread, min(spread + 1, 15), reach}):
            for seam in range(1 << 8 - form[2]):
                error, path = shortest_path(form, block, m, seam)
                if best is None or error < best[0]:
                    best = (error, m, path)
        subscales.append(best[1])
        codes[start:start + 64] = [best[2][i] % (1 << width(form, i)) for i in range(len(block))]
    return {"scale.f32": [scale], "codes.u8": codes, "subscales.u8": subscales}


def quantize_weight(form, w):
    """REQ-QNT-005 to REQ-QNT-012."""
    even_bits, even, odd_bits, odd, subscaled, divisor, limit, _ = form
    require(1 <= len(w) <= limit, "K is outside the format's limit")
    require(np.all(np.abs(w) <= np.float32(2**40)), "a weight is NaN, infinite or over 2^40")
    scale = np.float32(np.max(np.abs(w)) / np.float32(divisor))
    q = w.astype(np.float64) / np.float64(scale) if scale > 0 else np.zeros(len(w))
    codes, subscales = np.zeros(len(w), np.uint8), []
    if not subscaled:
        rules = {8: lambda v: np.clip(np.rint(v), -127, 127).astype(np.int8).view(np.uint8),
                 4: lambda v: np.clip(np.rint(v), -8, 7) + 8, 3: lambda v: np.clip(np.rint(v / 2), -4, 3) + 4}
        codes[0::2], codes[1::2] = rules[even_bits](q[0::2]), rules[odd_bits](q[1::2])
        return {"scale.f32": [scale], "codes.u8": codes, "subscales.u8": []}
    u = np.clip(np.rint(64 * q), -29760, 29760).astype(np.int64)
    if windowed(form):
        return quantize_paths(form, scale, u)
    for start in range(0, len(w), 64):
        block, best = u[start:start + 64], None
        for m in range(16):
            chosen = np.zeros(len(block), np.int64)
            chosen[0::2], chosen[1::2] = nearest(block[0::2], m, even), nearest(block[1::2], m, odd)
            points = np.zeros(len(block), np.int64)
            points[0::2], points[1::2] = even[chosen[0::2]], odd[chosen[1::2]]
            error = int(np.sum((block - 64 * m * points) ** 2))
            if best is None or error < best[0]:
                best = (error, m, chosen)
        subscales.append(best[1])
        codes[start:start + 64] = best[2]
    return {"scale.f32": [scale], "codes.u8": codes, "subscales.u8": subscales}


def pack_half(h, bits):
    """REQ-PCK-002 to REQ-PCK-004: 32 codes of a half."""
    if bits == 8:
        return h
    if bits == 4:
        return h[:16] + 16 * h[16:]
    low, high = (h % 4).reshape(4, 8), (h // 4).reshape(4, 8)
    return np.concatenate([sum(low[t] << 2 * t for t in range(4)), sum(high[:, t] << t for t in range(8))])


def unpack_half(data, bits):
    if bits == 8:
        return data
    if bits == 4:
        return np.concatenate([data % 16, data // 16])
    low = np.concatenate([data[:8] >> 2 * t & 3 for t in range(4)])
    return low + 4 * (data[8:, None] >> np.arange(8)[None, :] & 1).reshape(32)


def pack(form, codes, subscales):
    """REQ-PCK-001, REQ-PCK-005, REQ-PCK-006."""
    padded = np.zeros(-(-len(codes) // 64) * 64, np.int64)
    padded[:len(codes)] = codes
    if windowed(form):  # REQ-PCK-009
        strings = [sum(int(c) << position(form, i) for i, c in enumerate(block)) for block in padded.reshape(-1, 64)]
        halves = [np.frombuffer(string.to_bytes(4 * (form[0] + form[2]), "little"), np.uint8) for string in strings]
    else:
        halves = [pack_half(block[side::2], form[2 * side]) for block in padded.reshape(-1, 64) for side in (0, 1)]
    pairs = np.zeros((len(subscales) + 1) // 2 * 2, np.int64)
    pairs[:len(subscales)] = subscales
    return {"packedCodes.u8": np.concatenate(halves), "packedSubscales.u8": pairs[0::2] + 16 * pairs[1::2]}


def unpack(form, columns, packed, pairs):
    blocks, even_bytes, block_bytes = -(-columns // 64), 4 * form[0], 4 * (form[0] + form[2])
    codes = np.zeros(64 * blocks, np.int64)
    for b, data in enumerate(packed.astype(np.int64).reshape(blocks, block_bytes)):
        if windowed(form):
            string = int.from_bytes(data.astype(np.uint8).tobytes(), "little")
            codes[64 * b:64 * b + 64] = [string >> position(form, i) & (1 << width(form, i)) - 1 for i in range(64)]
            continue
        codes[64 * b:64 * b + 64:2] = unpack_half(data[:even_bytes], form[0])
        codes[64 * b + 1:64 * b + 64:2] = unpack_half(data[even_bytes:], form[2])
    subscales = np.stack([pairs % 16, pairs // 16], axis=1).reshape(-1)[:blocks] if form[4] else np.array([], np.int64)
    return {"codes.u8": codes[:columns], "subscales.u8": subscales}


def integer_weights(form, codes, subscales):
    """m_b * T[c_k] (REQ-DOT-001)."""
    weights = np.zeros(len(codes), np.int64)
    codes = windows(form, codes) if windowed(form) else codes
    weights[0::2], weights[1::2] = form[1][codes[0::2]], form[3][codes[1::2]]
    return weights * (np.repeat(subscales.astype(np.int64), 64)[:len(codes)] if form[4] else 1)


def output(sums, row_scales, activation_scale):
    """REQ-DOT-004: numpy rounds each binary32 operation and fuses none."""
    return sums.astype(np.int32).astype(np.float32) * (row_scales * np.float32(activation_scale))


def product(form, rows, columns, tokens, a, with_outputs):
    require(rows >= 1 and 1 <= columns <= form[6], "the shape is outside the format's limits")
    if with_outputs:
        s = a["scales"]
        require(np.all(s <= np.float32(2**40)) and not np.any(np.signbit(s)), "a scale is not within REQ-FMT-004")
    packed, pairs = a["packedCodes"].reshape(rows, -1), a["packedSubscales"].reshape(rows, -1)
    matrix = []
    for n in range(rows):
        row = unpack(form, columns, packed[n], pairs[n])
        matrix.append(integer_weights(form, row["codes.u8"], row["subscales.u8"]))
    sums = a["activations"].reshape(tokens, columns).astype(np.int64) @ np.array(matrix).T
    if not with_outputs:
        return {"sum.i32": sums}
    return {"sums.i32": sums, "y.f32": np.array([output(sums[t], s, a["activationScales"][t]) for t in range(tokens)])}


# The operations of spec/INFERENCE.md: numpy keeps binary32 and rounds each operator by itself.


def f32(text):
    return np.float32(float.fromhex(text))


ONE, TWO = np.float32(1), np.float32(2)


def exponential(x):
    """REQ-OPS-004."""
    inside = np.clip(x, np.float32(-104), np.float32(89))
    n = np.rint(inside * f32("0x1.715476p0"))
    r = (inside - n * f32("0x1.62e4p-1")) - n * f32("0x1.7f7d1cp-20")
    q = f32("0x1.6a2434p-10")
    for c in ("0x1.1239e2p-7", "0x1.5558f2p-5", "0x1.555492p-3", "0x1.fffffcp-2"):
        q = q * r + f32(c)
    h = np.floor(n / TWO)
    e = np.ldexp(np.ldexp(((r * r) * q + r) + ONE, h.astype(int)), (n - h).astype(int))
    return np.where(x < -104, np.float32(0), np.where(x > 89, np.float32(np.inf), e)).astype(np.float32)


def silu(x):
    return x / (ONE + exponential(-x))


def gelu(x):
    return x / (ONE + exponential(-(x * ((x * x) * f32("0x1.2444f2p-4") + f32("0x1.988454p0")))))


def soft_cap(x, cap):
    """REQ-OPS-007, REQ-OPS-008."""
    v = x / cap
    a = np.abs(v)
    z = a * a
    p = f32("-0x1.762d74p-8")
    for c in ("0x1.523bc8p-6", "-0x1.b8405ap-5", "0x1.11074cp-3", "-0x1.555534p-2"):
        p = p * z + f32(c)
    large = ONE - TWO / (exponential(np.minimum(a, np.float32(10)) * TWO) + ONE)
    return cap * np.copysign(np.where(a < f32("0x1.4p-1"), (z * p) * a + a, large), v)


def strided_sum(terms, first=0):
    """REQ-OPS-002, over the first axis; adding zeros at the end changes no bit."""
    padded = np.zeros((first % 16 + len(terms) + 15) // 16 * 16 * int(np.prod(terms.shape[1:], initial=1)), np.float32)
    lanes = padded.reshape((-1, 16) + terms.shape[1:])
    lanes.reshape((-1,) + terms.shape[1:])[first % 16:first % 16 + len(terms)] = terms
    p = np.zeros((16,) + terms.shape[1:], np.float32)
    for step in lanes:
        p = p + step
    while len(p) > 1:
        p = p[:len(p) // 2] + p[len(p) // 2:]
    return p[0]


def rms_norm(x, weights, epsilon):
    """REQ-OPS-009."""
    r = ONE / np.sqrt(strided_sum(x * x) / np.float32(len(x)) + epsilon)
    return (x * r) * weights


def rotate(x, cosines, sines, split):
    """REQ-ROP-005."""
    y, d = x.copy(), len(cosines)
    first, second = (slice(0, d), slice(d, 2 * d)) if split else (slice(0, 2 * d, 2), slice(1, 2 * d, 2))
    y[first] = x[first] * cosines - x[second] * sines
    y[second] = x[first] * sines + x[second] * cosines
    return y


def clamped_swiglu(g, u):
    """REQ-OPS-013."""
    g, u = np.minimum(g, np.float32(7)), np.clip(u, np.float32(-7), np.float32(7))
    return (u + np.float32(1)) * (g / (np.float32(1) + exponential(-(g * np.float32(float.fromhex("0x1.b3b646p0"))))))


def gated(activation, g, u):
    """REQ-OPS-010, REQ-OPS-013."""
    return clamped_swiglu(g, u) if activation == 2 else (gelu(g) if activation else silu(g)) * u


def attend(query, keys, values, first, scale, cap, sink=None):
    """REQ-ATT-004 to REQ-ATT-006."""
    n = len(query)
    keys, values = keys.reshape(-1, n), values.reshape(-1, n)
    scores = np.array([strided_sum(query * key) * scale for key in keys], np.float32)
    scores = soft_cap(scores, cap) if cap > 0 else scores
    largest = np.max(scores) if sink is None else max(np.max(scores), sink)
    e = exponential(scores - largest)
    total = strided_sum(e, first)
    total = total if sink is None else total + exponential(np.array([sink - largest], np.float32))[0]
    return strided_sum(e[:, None] * values, first) / total


def angles(positions, frequencies):
    """REQ-ROP-003, REQ-ROP-004, in binary64: cosines and sines, a row a position."""
    a = positions.astype(np.float64)[:, None] * frequencies.astype(np.float64)[None, :]
    n = np.rint(a * float.fromhex("0x1.45f306dc9c883p-1"))
    r = (a - n * float.fromhex("0x1.921fb544p0")) - n * float.fromhex("0x1.0b4611a626331p-34")
    z = r * r
    s, c = -1 / math.factorial(15), 1 / math.factorial(16)
    for j in range(6, 0, -1):
        s = (-1) ** j / math.factorial(2 * j + 1) + z * s
    for j in range(7, 1, -1):
        c = (-1) ** j / math.factorial(2 * j) + z * c
    s, c, quadrant = r + (r * z) * s, (1 - z / 2) + (z * z) * c, n.astype(np.int64) % 4
    cosines, sines = np.choose(quadrant, [c, -s, -c, s]), np.choose(quadrant, [s, c, -s, -c])
    return cosines.astype(np.float32), sines.astype(np.float32)


def sample(logits, temperature, top_k, top_p, state, draws):
    """REQ-SMP-001 to REQ-SMP-005."""
    order = sorted(range(len(logits)), key=lambda i: (-(float(logits[i]) + 0.0), i))
    if temperature == 0:
        return [order[0]] * draws
    order = order[:top_k] if top_k > 0 else order
    weights = exponential((logits[order] - logits[order[0]]) / temperature).astype(np.float64)
    cumulative = np.cumsum(weights)  # one addition after the other
    if top_p < 1:
        cumulative = cumulative[:1 + int(np.argmax(cumulative >= np.float64(top_p) * cumulative[-1]))]
    tokens, mask = [], (1 << 64) - 1
    for _ in range(draws):
        state = z = state + 0x9E3779B97F4A7C15 & mask
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
        target = ((z ^ z >> 31) >> 11) * 2.0 ** -53 * cumulative[-1]
        tokens.append(order[int(np.argmax(cumulative > target))])
    return tokens


class Decoder:
    """A small decoder (section 5 of INFERENCE.md) from the arrays of section 4 of CONFORMANCE.md, token after token."""

    def __init__(self, a):
        self.a, self.matrices = a, {}
        layers, self.heads, self.kv_heads, self.size, self.interleaved, self.activation, *self.experts = map(int, a["numbers"])
        self.epsilon, self.embedding, self.scale, self.cap, self.residual, self.logit_scale, self.logit_cap = a["factors"]
        self.cache = [([], []) for _ in range(layers)]

    def matrix(self, name):
        """Its format, integer weights (or binary32 ones), scales, and whether it is rotated."""
        if name not in self.matrices:
            a, (rows, columns, rotated) = self.a, map(int, self.a[name + ".shape"])
            form = FORMATS.get(bytes(a[name + ".format"]).decode())
            if form is None:
                self.matrices[name] = None, a[name + ".values"].reshape(rows, columns), None, False
            else:
                packed = zip(a[name + ".packedCodes"].reshape(rows, -1), a[name + ".packedSubscales"].reshape(rows, -1))
                plain = [unpack(form, columns, codes, pairs) for codes, pairs in packed]
                weights = np.array([integer_weights(form, row["codes.u8"], row["subscales.u8"]) for row in plain])
                self.matrices[name] = form, weights, a[name + ".scales"], bool(rotated)
        return self.matrices[name]

    def multiply(self, name, x, bias=None):
        """REQ-OPS-011, REQ-ROT-003."""
        form, weights, scales, rotated = self.matrix(name)
        if form is None:
            y = np.array([strided_sum(row * x) for row in weights], np.float32)
        else:
            token = quantize_activation(butterfly(x) if rotated else x)
            y = output(weights @ token["codes.i8"].astype(np.int64), scales, token["scale.f32"][0])
        return y if bias is None else y + bias

    def normed(self, x, name):
        weights, bias = self.a.get(name), self.a.get(name.replace("norm.weight", "norm.bias"))
        if weights is None:
            return x
        if bias is not None:  # REQ-OPS-012
            return rms_norm(x - strided_sum(x) / np.float32(len(x)), weights, self.epsilon) + bias
        return np.concatenate([rms_norm(part, weights, self.epsilon) for part in x.reshape(-1, len(weights))])

    def rotated(self, x, layer, position):
        frequencies, magnitude = self.a[f"{layer}.frequencies"], self.a[f"{layer}.magnitude"][0]
        cosines, sines = (part[0] * magnitude for part in angles(np.array([position]), frequencies))
        return [rotate(head, cosines, sines, not self.interleaved) for head in x.reshape(-1, self.size)]

    def block(self, layer, expert, f):
        gate, up, down = (f"{layer}.ffn_{name}{expert}" for name in ("gate", "up", "down"))
        bias = self.a.get
        g, u = (self.multiply(f"{name}.weight", f, bias(f"{name}.bias")) for name in (gate, up))
        return self.multiply(f"{down}.weight", gated(self.activation, g, u), bias(f"{down}.bias"))

    def mixed(self, layer, f):
        """REQ-EXP-001, REQ-EXP-002."""
        count, taken, renormalised = self.experts
        routed = self.multiply(f"{layer}.ffn_gate_inp.weight", f, self.a.get(f"{layer}.ffn_gate_inp.bias"))
        powers = exponential(routed - np.max(routed))
        shares, d = powers / strided_sum(powers), None
        chosen = sorted(sorted(range(count), key=lambda e: (-routed[e], e))[:taken])
        shares = shares / strided_sum(shares[chosen]) if renormalised else shares
        for e in chosen:
            term = shares[e] * self.block(layer, f".{e}", f)
            d = term if d is None else d + term
        return d

    def attention(self, i, layer, x):
        a, position = self.a, len(self.cache[i][0])
        f = self.normed(x, f"{layer}.attn_norm.weight")
        q, k, v = (self.multiply(f"{layer}.attn_{n}.weight", f, a.get(f"{layer}.attn_{n}.bias")) for n in "qkv")
        queries = self.rotated(self.normed(q, f"{layer}.attn_q_norm.weight"), layer, position)
        self.cache[i][0].append(self.rotated(self.normed(k, f"{layer}.attn_k_norm.weight"), layer, position))
        self.cache[i][1].append(v.reshape(-1, self.size))
        window = int(a[f"{layer}.window"][0])
        first = max(0, position - window + 1) if window > 0 else 0
        outputs = []
        for h, query in enumerate(queries):
            keys, values = (np.array([p[h // (self.heads // self.kv_heads)] for p in part[first:]]) for part in self.cache[i])
            sinks = a.get(f"{layer}.attn_sinks.weight")
            outputs.append(attend(query, keys, values, first, self.scale, self.cap, None if sinks is None else sinks[h]))
        o = self.multiply(f"{layer}.attn_output.weight", np.concatenate(outputs), a.get(f"{layer}.attn_output.bias"))
        return self.normed(o, f"{layer}.post_attention_norm.weight")

    def feed(self, token):
        """REQ-DEC-001 to REQ-DEC-003."""
        form, weights, scales, rotated = self.matrix("token_embd.weight")
        x = weights[token] if form is None else scales[token] * weights[token].astype(np.float32)
        x = (butterfly(x) if rotated else x) * self.embedding
        for i in range(len(self.cache)):
            layer = f"blk.{i}"
            x = x + self.attention(i, layer, x) * self.residual
            f = self.normed(x, f"{layer}.ffn_norm.weight")
            d = self.mixed(layer, f) if self.experts[0] else self.block(layer, "", f)
            x = x + self.normed(d, f"{layer}.post_ffw_norm.weight") * self.residual
        last = "output.weight" if "output.weight.shape" in self.a else "token_embd.weight"
        logits = self.multiply(last, self.normed(x, "output_norm.weight")) * self.logit_scale
        return soft_cap(logits, self.logit_cap) if self.logit_cap > 0 else logits


def butterfly(x):
    """REQ-ROT-001, REQ-ROT-002."""
    whole = len(x) // 64 * 64
    blocks = x[:whole].reshape(-1, 64)
    for _ in range(6):
        blocks = np.concatenate([blocks[:, 0::2] + blocks[:, 1::2], blocks[:, 0::2] - blocks[:, 1::2]], axis=1)
    return np.concatenate([(blocks * np.float32(0.125)).reshape(-1), x[whole:]])


def inference(operation, a):
    if operation.startswith("decoder-"):
        decoder = Decoder(a)
        return {("logits" if operation == "decoder-at-once" else "logitsOneByOne") + ".f32": [decoder.feed(t) for t in a["tokens"]]}
    if operation == "sample":
        low, high = (int(n) & 0xFFFFFFFF for n in a["seed"])
        return {"y.i32": sample(a["logits"], a["temperature"][0], int(a["topK"][0]), a["topP"][0], high << 32 | low, int(a["draws"][0]))}
    rules = {
        "dot-product": lambda: [strided_sum(a["a"] * a["b"])],
        "rms-norm": lambda: rms_norm(a["x"], a["weights"], a["epsilon"][0]),
        "gated-silu": lambda: silu(a["g"]) * a["u"],
        "gated-gelu": lambda: gelu(a["g"]) * a["u"],
        "gated-swiglu": lambda: clamped_swiglu(a["g"], a["u"]),
        "residual": lambda: a["x"] + a["d"],
        "soft-cap": lambda: soft_cap(a["x"], a["cap"][0]),
        "rotate-split": lambda: rotate(a["x"], a["cosines"], a["sines"], True),
        "rotate-interleaved": lambda: rotate(a["x"], a["cosines"], a["sines"], False),
        "cosines": lambda: angles(a["positions"], a["frequencies"])[0],
        "sines": lambda: angles(a["positions"], a["frequencies"])[1],
        "matrix-product": lambda: [strided_sum(row * a["x"]) for row in a["matrix"].reshape(-1, len(a["x"]))],
        "attend": lambda: attend(a["query"], a["keys"], a["values"], int(a["first"][0]), a["scale"][0], a["cap"][0]),
        "attend-sink": lambda: attend(a["query"], a["keys"], a["values"], int(a["first"][0]), a["scale"][0], a["cap"][0], a["sink"][0]),
    }
    if operation not in rules:
        raise SystemExit(f"client.py: operation not known: {operation}")
    return {"y.f32": rules[operation]()}


def compute(line, a):
    form, operation = FORMATS.get(line.get("format")), line["operation"]
    if operation == "quantize-activation":
        return quantize_activation(a["x"])
    if operation == "quantize-weight":
        return quantize_weight(form, a["weights"])
    if operation == "pack":
        return pack(form, a["codes"].astype(np.int64), a["subscales"].astype(np.int64))
    if operation == "unpack":
        return unpack(form, line["columns"], a["packedCodes"], a["packedSubscales"])
    if operation == "dequantize":
        return {"values.f32": a["scale"][0] * integer_weights(form, a["codes"], a["subscales"]).astype(np.float32)}
    if operation == "output":
        return {"y.f32": output(a["sum"], a["rowScale"], a["activationScale"][0])}
    if operation in ("dot", "gemv", "gemm"):
        return product(form, line["rows"], line["columns"], line["tokens"], a, operation != "dot")
    return inference(operation, a)


def main(source, target):
    FORMATS.update(formats((source / "formats.json").read_text()))
    for text in (source / "cases.jsonl").read_text().splitlines():
        line = json.loads(text)
        place = target / line["folder"]
        place.mkdir(parents=True, exist_ok=True)
        arrays = {}
        for name in line["in"]:
            stem, kind = name.rsplit(".", 1)
            arrays[stem] = np.fromfile(source / line["folder"] / name, DTYPES[kind])
        try:
            for name, values in compute(line, arrays).items():
                np.asarray(values).astype(DTYPES[name.split(".")[1]]).tofile(place / name)
        except Refused as why:
            (place / "refused").write_text(str(why))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: client.py IN OUT")
    np.seterr(all="ignore")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
