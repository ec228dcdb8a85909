"""Writes transformer-operations.txt: cases of the operations of spec/INFERENCE.md, computed by numpy from the text of that file alone.

A second implementation: it shares no code with the Java classes. numpy's float32 arithmetic is IEEE binary32, one rounding an operation.
Run: python3 transformer_operations.py > ../resources/org/threehalf/kernels/transformer/transformer-operations.txt
"""
import math
from fractions import Fraction

import numpy as np

f = np.float32
np.seterr(over="ignore", under="ignore")


def c(text):
    return f(float.fromhex(text))


def total(terms, first=0):
    p = [f(0)] * 16
    for t, x in enumerate(terms):
        p[(first + t) % 16] = p[(first + t) % 16] + x
    for s in (8, 4, 2, 1):
        for j in range(s):
            p[j] = p[j] + p[j + s]
    return p[0]


def dot(a, b):
    return total([x * y for x, y in zip(a, b)])


def exp(x):
    if x < -104:
        return f(0)
    if x > 89:
        return f(np.inf)
    n = f(np.rint(x * c("0x1.715476p0")))
    r = (x - n * c("0x1.62e4p-1")) - n * c("0x1.7f7d1cp-20")
    q = (((c("0x1.6a2434p-10") * r + c("0x1.1239e2p-7")) * r + c("0x1.5558f2p-5")) * r + c("0x1.555492p-3")) * r + c("0x1.fffffcp-2")
    e = ((r * r) * q + r) + f(1)
    h = math.floor(int(n) / 2)
    return (e * f(2.0**h)) * f(2.0 ** (int(n) - h))


def silu(x):
    return x / (f(1) + exp(-x))


def gelu(x):
    v = x * ((x * x) * c("0x1.2444f2p-4") + c("0x1.988454p0"))
    return x / (f(1) + exp(-v))


def clamped_swiglu(g, u):
    g = min(g, f(7))
    return (min(max(u, f(-7)), f(7)) + f(1)) * (g / (f(1) + exp(-(g * c("0x1.b3b646p0")))))


def tanh(x):
    a = abs(x)
    if a < f(0.625):
        z = a * a
        p = (((c("-0x1.762d74p-8") * z + c("0x1.523bc8p-6")) * z - c("0x1.b8405ap-5")) * z + c("0x1.11074cp-3")) * z - c("0x1.555534p-2")
        m = (z * p) * a + a
    else:
        m = f(1) - f(2) / (exp(min(a, f(10)) * f(2)) + f(1))
    return f(np.copysign(m, x))


def softcap(x, cap):
    return cap * tanh(x / cap)


def rmsnorm(x, w, eps):
    r = f(1) / np.sqrt(dot(x, x) / f(len(x)) + eps)
    return [(a * r) * b for a, b in zip(x, w)]


def centre(x):
    mean = total(x) / f(len(x))
    return [a - mean for a in x]


def nearest_power(base, d, i):
    """The binary32 nearest to base^(-2i/d)."""
    b = Fraction(float(base))

    def sign(m):
        v = m**d * b ** (2 * i)
        return (v > 1) - (v < 1)

    x = f(float(base) ** (-2.0 * i / d))
    near = [x]
    for _ in range(3):
        near = [np.nextafter(near[0], f(0))] + near + [np.nextafter(near[-1], f(np.inf))]
    for low, mid, high in zip(near, near[1:], near[2:]):
        below = (Fraction(float(low)) + Fraction(float(mid))) / 2
        above = (Fraction(float(mid)) + Fraction(float(high))) / 2
        if sign(below) < 0 < sign(above):
            return mid
    raise AssertionError((base, d, i))


def cos_sin(a):
    n = np.rint(np.float64(a) * float.fromhex("0x1.45f306dc9c883p-1"))
    r = (a - n * float.fromhex("0x1.921fb544p0")) - n * float.fromhex("0x1.0b4611a626331p-34")
    z = r * r
    s = 0.0
    for j in range(7, 0, -1):
        term = (-1.0) ** j / math.factorial(2 * j + 1)
        s = term if j == 7 else term + z * s
    k = 0.0
    for j in range(8, 1, -1):
        term = (-1.0) ** j / math.factorial(2 * j)
        k = term if j == 8 else term + z * k
    S = r + (r * z) * s
    C = (1 - z / 2) + (z * z) * k
    return [(f(C), f(S)), (f(-S), f(C)), (f(-C), f(-S)), (f(S), f(-C))][int(n) % 4]


def attend(q, keys, values, first, scale, cap, sink=None):
    s = [dot(q, k) * scale for k in keys]
    if cap > 0:
        s = [softcap(x, cap) for x in s]
    m = max(s) if sink is None else max(*s, sink)
    e = [exp(x - m) for x in s]
    z = total(e, first)
    if sink is not None:
        z = z + exp(sink - m)
    return [total([w * v[d] for w, v in zip(e, values)], first) / z for d in range(len(q))]


M64 = (1 << 64) - 1


def splitmix(seed):
    state = seed & M64
    while True:
        state = (state + 0x9E3779B97F4A7C15) & M64
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M64
        yield z ^ (z >> 31)


def sample(logits, temperature, k, p, draws):
    order = sorted(range(len(logits)), key=lambda i: (-float(logits[i]), i))
    if temperature == 0:
        return order[0]
    if k > 0:
        order = order[:k]
    cumulative, running = [], 0.0
    for i in order:
        running = running + float(exp((logits[i] - logits[order[0]]) / temperature))
        cumulative.append(running)
    if p < 1:
        m = next(i for i, x in enumerate(cumulative) if x >= float(p) * cumulative[-1]) + 1
        cumulative = cumulative[:m]
    u = (next(draws) >> 11) * 2.0**-53
    return order[next(i for i, x in enumerate(cumulative) if x > u * cumulative[-1])]


def hexes(values):
    return ",".join("%08x" % f(v).view(np.uint32) for v in values)


def put(name, *fields):
    print(";".join([name, *(x if isinstance(x, str) else hexes(x) for x in fields)]))


def main():
    rng = np.random.default_rng(20261125)

    def normal(n, scale=1.0):
        return [f(v) for v in rng.normal(0, scale, n)]

    print("# Written by transformer_operations.py. Numbers are the bits of binary32 in hexadecimal.")
    edges = [0.0, -0.0, 1, -1, 1e-30, -1e-30, 1e-45, 0.625, 0.62499994, -0.625, 10, -10, 20, 88.72283, 88.722839, 89, 89.00001, -87.33654, -87.34, -100, -103.97, -103.98, -104, -104.00001, 1e30, -1e30]
    points = [f(v) for v in edges] + normal(40) + normal(40, 10) + normal(40, 40) + normal(20, 0.01)
    for name, function in (("exp", exp), ("silu", silu), ("gelu", gelu), ("tanh", tanh)):
        put(name, points, [function(x) for x in points])
    for cap in (30.0, 50.0):
        put("softcap", [f(cap)], points, [softcap(x, f(cap)) for x in points])
    for n in (1, 15, 16, 17, 64, 100, 640):
        a, b = normal(n), normal(n, 100)
        put("dot", a, b, [dot(a, b)])
    for n in (1, 16, 33, 256):
        x, w = normal(n, 3), normal(n)
        put("rmsnorm", [f(1e-6)], x, w, rmsnorm(x, w, f(1e-6)))
    for base, d in ((10000.0, 64), (1000000.0, 256), (500000.0, 128), (1.0, 4), (10000.0, 2), (8000000.0, 96)):
        put("frequencies", [f(base)], str(d), [nearest_power(f(base), d, i) for i in range(d // 2)])
    for p in (0, 1, 2, 3, 11, 512, 8191, 131071, 1048575):
        fs = [nearest_power(f(10000.0), 32, i) for i in range(16)]
        pairs = [cos_sin(np.float64(p) * np.float64(x)) for x in fs]
        put("angles", str(p), fs, [x[0] for x in pairs], [x[1] for x in pairs])
    for layout, first, second in (("SPLIT", lambda i: i, lambda i: i + 8), ("INTERLEAVED", lambda i: 2 * i, lambda i: 2 * i + 1)):
        x = normal(20)
        angles = [cos_sin(np.float64(7) * np.float64(v)) for v in [nearest_power(f(10000.0), 16, i) for i in range(8)]]
        y = list(x)
        for i, (co, si) in enumerate(angles):
            u, v = x[first(i)], x[second(i)]
            y[first(i)] = u * co - v * si
            y[second(i)] = u * si + v * co
        put("rotate", layout, x, [a[0] for a in angles], [a[1] for a in angles], y)
    for size, first, count, cap in ((4, 0, 1, 0.0), (8, 0, 5, 0.0), (16, 3, 40, 0.0), (32, 17, 33, 50.0), (20, 5, 16, 0.0)):
        q = normal(size, 2)
        keys = [normal(size, 2) for _ in range(count)]
        values = [normal(size) for _ in range(count)]
        scale = f(1) / np.sqrt(f(size))
        out = attend(q, keys, values, first, scale, f(cap))
        put("attend", str(first), [scale, f(cap)], q, [v for k in keys for v in k], [x for v in values for x in v], out)
    for g in (silu, gelu):
        a, b = normal(19, 3), normal(19)
        put("gate", g.__name__.upper(), a, b, [g(x) * y for x, y in zip(a, b)])
    for seed, temperature, k, p in ((0, 0.0, 0, 1.0), (1, 1.0, 0, 1.0), (2, 0.7, 5, 1.0), (3, 1.3, 0, 0.9), (-1, 0.8, 40, 0.95), (5, 100.0, 0, 0.999), (6, 1e-3, 0, 0.5)):
        draws = splitmix(seed)
        logits = [f(v) for v in np.round(rng.normal(0, 4, 60), 1)]
        logits[7] = f(-0.0)
        logits[9] = f(0.0)
        ids = [sample(logits, f(temperature), k, f(p), draws) for _ in range(30)]
        put("sample", str(seed), [f(temperature), f(p)], str(k), logits, ",".join(map(str, ids)))
    for n in (1, 16, 33, 256):
        x = [f(v) for v in rng.normal(1, 3, n)]
        put("centre", x, centre(x))
    a, b = normal(40, 6) + [f(v) for v in (7, 7.0000005, -7, 1e30, -1e30, 0.0)], normal(40, 6) + [f(v) for v in (-7, 7, -7.0000005, -1e30, 1e30, -1)]
    put("gate", "CLAMPED_SWIGLU", a, b, [clamped_swiglu(x, y) for x, y in zip(a, b)])
    for size, first, count, cap, sink in ((4, 0, 1, 0.0, 0.5), (16, 3, 40, 0.0, -1.0), (32, 17, 33, 50.0, 2.0), (20, 5, 16, 0.0, 40.0)):
        q = normal(size, 2)
        keys = [normal(size, 2) for _ in range(count)]
        values = [normal(size) for _ in range(count)]
        scale = f(1) / np.sqrt(f(size))
        out = attend(q, keys, values, first, scale, f(cap), f(sink))
        put("sink", str(first), [scale, f(cap), f(sink)], q, [v for k in keys for v in k], [x for v in values for x in v], out)


if __name__ == "__main__":
    main()
