"""Writes the corpus of varied lines for the tokenizers' tests: prose, code, every script of Unicode, spaces, emoji, numbers, mark-up. Deterministic.

The prose is from Isaac Newton's Opticks (public domain), the code is this project's own. Run: python3 tokenizer_corpus.py OPTICKS.txt > corpus.json
"""

import json
import pathlib
import random
import sys
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parents[4]
random.seed(7)
lines = []
lines += [line for line in open(sys.argv[1], encoding="utf-8").read().split("\n") if line][:700]
for path, n in (
    ("spec/FORMAT.md", 170),
    ("kernels/src/main/java/org/threehalf/kernels/transformer/VectorOperations.java", 380),
    ("backends/spi/src/main/java/org/threehalf/backends/spi/decoder/HostDecoder.java", 330),
    ("kernels/src/test/python/transformer_operations.py", 220),
    ("pom.xml", 120),
    ("threehalf", 90),
):
    lines += (ROOT / path).read_text(encoding="utf-8").split("\n")[:n]
# Neighbours in every block of Unicode.
cps = [c for c in range(32, 0x20000) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co", "Cc")]
for i in range(3000):
    k = random.randint(1, 12)
    base = random.choice(cps)
    block = [c for c in range(base - 30, base + 30) if c >= 32 and unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co", "Cc")]
    lines.append(
        "".join(chr(random.choice(block)) for _ in range(k))
        + random.choice(["", " ", "  ", "\t", "!", "1"])
        + "".join(chr(random.choice(block)) for _ in range(random.randint(0, 6)))
    )
emoji = [c for c in range(0x1F300, 0x1FAFF) if unicodedata.category(chr(c)) == "So"]
for i in range(600):
    lines.append(
        " ".join(
            chr(random.choice(emoji)) + random.choice(["", "\u200d" + chr(random.choice(emoji)), "\ufe0f", "\U0001f3fd"]) for _ in range(random.randint(1, 8))
        )
    )
words = "the of and to in is you that it he was for on are with as I his they be at one have this from or had by hot but some what there we can out other were all your when up use word how said an each she which do their time if will way about many then them would write like so these her long make thing see him two has look more day could go come did my sound no most number who over know water than call first people may down side been now find don't I'm we've they'll he'd IT'S it's can't WON'T O'Reilly rock'n'roll".split()
for i in range(1500):
    lines.append(
        "".join(
            random.choice(words) + random.choice([" ", " ", " ", "  ", ", ", ". ", "-", "\t", "   ", "/", "_", "...", " 12", " 3.14 ", "$", "%s"])
            for _ in range(random.randint(1, 18))
        )
    )
for i in range(800):
    lines.append("".join(random.choice("0123456789 .,-+eExX%$#@!?()[]{}<>|\\/'\"`~^&*_=:;") for _ in range(random.randint(1, 40))))
for i in range(500):
    lines.append(
        " " * random.randint(0, 40)
        + random.choice(words)
        + " " * random.randint(0, 9)
        + random.choice(words)
        + "\t" * random.randint(0, 4)
        + " " * random.randint(0, 36)
    )
html = [
    "<table>",
    "<td>",
    "</table>",
    "<h1>",
    "<code>",
    "<b>",
    "</i>",
    "<br>",
    "<strong>",
    "</p>",
    "<p>",
    "[multimodal]",
    "<img>",
    "</code></pre>",
    "<tdx>",
    "<ta",
]
for i in range(400):
    lines.append("".join(random.choice(html) + random.choice(["", " ", "x", "  ", "<"]) for _ in range(random.randint(1, 6))))
texts = [
    "Größe über Straße, naïve café, façade, Ångström, São Paulo, Łódź, Žižek",
    "Привет, мир! Как дела? Всё хорошо.",
    "你好，世界！今天天气怎么样？",
    "こんにちは世界。東京タワーは高いです。",
    "안녕하세요 세계! 오늘은 날씨가 좋네요.",
    "مرحبا بالعالم! كيف حالك اليوم؟",
    "नमस्ते दुनिया! आप कैसे हैं?",
    "שלום עולם",
    "Γειά σου Κόσμε",
    "ไทยแลนด์ สวัสดีชาวโลก",
    "e\u0301 o\u0308 n\u0303 \u1e9b\u0323 \ufb01 \u212b",
    "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α ∧ ¬β = ¬(¬α ∨ β)",
    "ℌ𝔢𝔩𝔩𝔬 𝕎𝕠𝕣𝕝𝕕 ①②③ ⅷ ½ ²³",
    "\u00a0nbsp\u00a0\u2003em\u3000ideographic\u200bzero",
    "a\u0300\u0301\u0302\u0303 z̷̧̛a̴l̵g̶o̸",
    "İstanbul ıI ſ KELVIN\u212a 'ſ It'ſ",
]
for i in range(1100):
    t = random.choice(texts)
    a = random.randint(0, len(t) - 1)
    b = random.randint(a + 1, len(t))
    u = random.choice(texts)
    lines.append(t[a:b] + random.choice(["", " ", "  ", "\t"]) + u[: random.randint(0, len(u))])
multi = []
for i in range(600):
    multi.append(
        random.choice(words)
        + "\n" * random.randint(1, 35)
        + " " * random.randint(0, 5)
        + random.choice(words)
        + "\r\n" * random.randint(0, 3)
        + random.choice(words)
        + " \n" * random.randint(0, 4)
    )
lines += multi
lines = [l for l in lines if l]
json.dump(lines, sys.stdout, ensure_ascii=False, indent=0)
