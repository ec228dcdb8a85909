"""Writes decoder.txt: two tiny decoders with their logits, computed by numpy from the text of spec/INFERENCE.md and spec/FORMAT.md.

`everything` has every optional part and binary32 matrices; `plain` has none of them, interleaved rotation, and G35 matrices (random codes).
Run: python3 decoder.py > ../resources/org/threehalf/backends/spi/decoder/decoder.txt
"""
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[5] / "kernels/src/test/python"))
from transformer_operations import attend, cos_sin, dot, f, gelu, hexes, nearest_power, rmsnorm, silu, softcap  # noqa: E402

T4G = [-31, -23, -18, -14, -10, -7, -4, -1, 1, 4, 7, 10, 14, 18, 23, 31]
T3G = [-26, -15, -8, -2, 2, 8, 15, 26]
rng = np.random.default_rng(3)


def vector(n, mean=0.0, deviation=1.0):
    return [f(v) for v in rng.normal(mean, deviation, n)]


class Real:
    def __init__(self, name, rows, columns):
        self.rows = [vector(columns, 0, columns**-0.5) for _ in range(rows)]
        for i, row in enumerate(self.rows):
            print(f"real;{name};{i};{hexes(row)}")

    def row(self, i):
        return self.rows[i]

    def product(self, x):
        return [dot(row, x) for row in self.rows]


class G35:
    """Random codes, sub-scales and scales of spec/FORMAT.md."""

    def __init__(self, name, rows, columns):
        self.ints, self.scales = [], []
        for i in range(rows):
            codes = [int(rng.integers(16 if k % 2 == 0 else 8)) for k in range(columns)]
            subscales = [int(rng.integers(1, 16)) for _ in range((columns + 63) // 64)]
            scale = f(abs(rng.normal(0, columns**-0.5 / 150)))
            self.scales.append(scale)
            self.ints.append([subscales[k // 64] * (T4G if k % 2 == 0 else T3G)[c] for k, c in enumerate(codes)])
            print(f"g35;{name};{i};{hexes([scale])};{','.join(map(str, codes))};{','.join(map(str, subscales))}")

    def row(self, i):
        return [self.scales[i] * f(v) for v in self.ints[i]]

    def product(self, x):
        scale = max(abs(v) for v in x) / f(127)
        a = [0 if scale == 0 else int(min(127, max(-127, np.rint(v / scale)))) for v in x]
        return [f(sum(p * q for p, q in zip(a, w))) * (s * scale) for w, s in zip(self.ints, self.scales)]


def decode(c, matrix, tokens):
    print("model;" + ";".join(f"{k}={v}" for k, v in c.items()))
    dim, n, heads, kv, ffn = c["dim"], c["headSize"], c["heads"], c["keyValueHeads"], c["ffn"]

    def named(name, values):
        print(f"vector;{name};{hexes(values)}")
        return values

    def norm(name, size):
        return named(name, vector(size, 1, 0.2))

    def optional(name, make):
        return make() if c["everything"] else None

    embedding = matrix("embedding", c["vocabulary"], dim)
    layers = []
    for i in range(c["layers"]):
        p = f"{i}."
        layer = dict(
            norm=norm(p + "norm", dim),
            q=matrix(p + "query", heads * n, dim), k=matrix(p + "key", kv * n, dim), v=matrix(p + "value", kv * n, dim),
            o=matrix(p + "output", dim, heads * n),
            qb=optional("", lambda: named(p + "queryBias", vector(heads * n))), kb=optional("", lambda: named(p + "keyBias", vector(kv * n))),
            vb=optional("", lambda: named(p + "valueBias", vector(kv * n))), ob=optional("", lambda: named(p + "outputBias", vector(dim))),
            qn=optional("", lambda: norm(p + "queryNorm", n)), kn=optional("", lambda: norm(p + "keyNorm", n)),
            post=optional("", lambda: norm(p + "postNorm", dim)),
            fnorm=norm(p + "feedForwardNorm", dim),
            gate=matrix(p + "gate", ffn, dim), up=matrix(p + "up", ffn, dim), down=matrix(p + "down", dim, ffn),
            fpost=optional("", lambda: norm(p + "feedForwardPostNorm", dim)),
            window=c["window"] if i % 2 == 0 else 0,
            base=10000.0 if i % 2 == 0 else 1000000.0, keys=[], values=[])
        layer["frequencies"] = named(p + "frequencies", [nearest_power(f(layer["base"]), c["rotated"], j) for j in range(c["rotated"] // 2)])
        layers.append(layer)
    outnorm = norm("outputNorm", dim)
    output = matrix("unembedding", c["vocabulary"], dim) if c["everything"] else embedding
    eps = f(1e-6)
    act = gelu if c["everything"] else silu

    def plus(a, b):
        return a if b is None else [x + y for x, y in zip(a, b)]

    def heads_of(x, weights, angles):
        result = []
        for h in range(len(x) // n):
            y = x[h * n : h * n + n]
            if weights is not None:
                y = rmsnorm(y, weights, eps)
            half = len(angles)
            for i, (co, si) in enumerate(angles):
                a, b = (i, i + half) if c["everything"] else (2 * i, 2 * i + 1)
                u, v = y[a], y[b]
                y[a] = u * co - v * si
                y[b] = u * si + v * co
            result.append(y)
        return result

    for position, token in enumerate(tokens):
        x = list(embedding.row(token))
        if c["everything"]:
            x = [v * f(c["embeddingScale"]) for v in x]
        for L in layers:
            angles = [cos_sin(np.float64(position) * np.float64(w)) for w in L["frequencies"]]
            a = rmsnorm(x, L["norm"], eps)
            q = heads_of(plus(L["q"].product(a), L["qb"]), L["qn"], angles)
            L["keys"].append(heads_of(plus(L["k"].product(a), L["kb"]), L["kn"], angles))
            v = plus(L["v"].product(a), L["vb"])
            L["values"].append([v[h * n : h * n + n] for h in range(kv)])
            low = max(0, position - L["window"] + 1) if L["window"] else 0
            attended = []
            for h in range(heads):
                g = h // (heads // kv)
                attended += attend(q[h], [k[g] for k in L["keys"][low:]], [w[g] for w in L["values"][low:]], low, f(c["attentionScale"]), f(c["attentionCap"]))
            o = plus(L["o"].product(attended), L["ob"])
            if L["post"] is not None:
                o = rmsnorm(o, L["post"], eps)
            x = plus(x, o)
            b = rmsnorm(x, L["fnorm"], eps)
            d = L["down"].product([act(s) * t for s, t in zip(L["gate"].product(b), L["up"].product(b))])
            if L["fpost"] is not None:
                d = rmsnorm(d, L["fpost"], eps)
            x = plus(x, d)
        logits = output.product(rmsnorm(x, outnorm, eps))
        if c["logitCap"] > 0:
            logits = [softcap(v, f(c["logitCap"])) for v in logits]
        print(f"logits;{token};{hexes(logits)}")


print("# Written by decoder.py. Numbers are the bits of binary32 in hexadecimal.")
decode(
    dict(name="everything", everything=1, vocabulary=9, dim=20, layers=2, heads=4, keyValueHeads=2, headSize=6, rotated=4, ffn=24, window=3, embeddingScale=4.5,
         attentionScale=0.4375, attentionCap=5.0, logitCap=3.0),
    Real, [0, 3, 8, 8, 1, 2, 7, 5, 4, 6, 3, 1])
decode(
    dict(name="plain", everything=0, vocabulary=7, dim=70, layers=2, heads=2, keyValueHeads=1, headSize=8, rotated=8, ffn=66, window=0, embeddingScale=1,
         attentionScale=0.3535533845424652, attentionCap=0.0, logitCap=0.0),
    G35, [6, 0, 1, 5, 5, 2, 4, 3, 0, 6])
