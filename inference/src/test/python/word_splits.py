"""Writes word-splits.json: how the library `tokenizers` (oniguruma) cuts texts into words, for each value of tokenizer.ggml.pre.

Run: python3 word_splits.py FOLDER, the folder of corpus.json. The texts are the lines of corpus.json and those of HOSTILE below, which the file repeats. The patterns are written here as
the models' published tokenizer.json have them, in the syntax of that library; those that it cannot express (intersections of classes) are run by the package `regex`. For each name: how many pieces
there are, and the SHA-256 of all of them (UTF-8, each followed by the byte 0x1f, a byte 0x0a after each text).
"""
import hashlib
import json
import pathlib
import random
import sys
import unicodedata

import regex
from tokenizers import Regex, pre_tokenizers

FOLDER = pathlib.Path(sys.argv[1])
LINES = json.loads((FOLDER / "corpus.json").read_text(encoding="utf-8"))
CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CL100K = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
U, L = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
CASED = r"[^\r\n\p{L}\p{N}]?" + U + "*" + L + r"+%s|[^\r\n\p{L}\p{N}]?" + U + "+" + L + r"*%s|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
O200K = CASED % (CONTRACTIONS + "?", CONTRACTIONS + "?", "{1,3}")
DEEPSEEK3 = r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^""" + "\r\n" + r"""\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[""" + "\r\n]*|\\s*[\r\n]+" + r"|\s+(?!\S)|\s+"
HAN = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"
BLOOM = " ?[^(\\s|.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c)]+"
# The letters are those of WordSplit.java, whose source is DeepSeek's own tokenizer.json.
SOURCE = pathlib.Path(__file__).parents[3] / "src/main/java/org/threehalf/inference/tokenizer/WordSplit.java"
LETTERS = SOURCE.read_text().split("private static String deepSeekLetters() {")[1].split(";")[0].replace("return", "").replace('"', "").replace("+ ", "").replace("\n", "").replace(" ", "")
LETTERS = json.loads('"' + LETTERS + '"')
SEQUENCES = {
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"],
    "gpt-2": [GPT2],
    "smollm": [r"\p{N}", GPT2],
    "llama-bpe": [CL100K % "{1,3}"],
    "minicpm5": [r"\p{N}{1,3}", CL100K % "+"],
    "qwen2": [CL100K % ""],
    "laguna": [r"[^\n]+|[\n]+", CL100K % ""],
    "qwen35": [CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"],
    "seed-coder": [CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+"],
    "bailingmoe": [r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"],
    "exaone-moe": [CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"],
    "tekken": [CASED % ("", "", "")],
    "gpt-4o": [O200K],
    "tiny_aya": [r"\d{1,3}(?=(?:\d{3})*\b)", O200K],
    "deepseek-llm": ["[\r\n]", r"\s?" + LETTERS + "+", "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+", r"\s+$", HAN, r"\p{N}+"],
    "deepseek-coder": ["[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", HAN, r"\p{N}"],
    "deepseek-v3": [r"\p{N}{1,3}", "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", DEEPSEEK3],
    "falcon": [r"[\p{P}\$\+<=>\^~\|`]+", GPT2, "[0-9][0-9][0-9]"],
    "bloom": [BLOOM],
    "viking": [BLOOM, r"\p{N}"],
    "superbpe": [r"\p{N}+", r"(?=(\d{3})+(?!\d))"],
}
KU, KL = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]"
REGEX = {
    "kimi-k2": r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?" + KU + "*" + KL + "+" + CONTRACTIONS + r"?|[^\r\n\p{L}\p{N}]?" + KU + "+" + KL + "*" + CONTRACTIONS
    + r"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}
COMPOSED = {"qwen2", "qwen35"}


def hostile():
    r = random.Random(20261129)
    alphabet = list("aZ' \t\r\n.,(|-_/1234567890") + [chr(c) for c in (
        0xA0, 0xB5, 0xB2, 0xBD, 0xDF, 0x130, 0x17F, 0x212A, 0x301, 0x308, 0x345, 0x5D0, 0x660, 0x6D4, 0x964, 0x966, 0xE33, 0x1100, 0xAC00, 0x2028, 0x2029, 0x85, 0x1680, 0x200B, 0x200D,
        0x2160, 0x2026, 0x3000, 0x3002, 0x3042, 0x30A2, 0x4E00, 0x9FA5, 0xFF0C, 0xFF11, 0xFB01, 0xFE0F, 0x1F600, 0x1D7D8, 0x10400, 0x1E900, 0x20000)]
    texts = ["".join(r.choice(alphabet) for _ in range(r.randrange(1, 40))) for _ in range(3000)]
    return texts + [c * n for c in ("a", " ", "1", "\n", "'", "\u0301", "\u4e00") for n in (1, 2, 3, 4, 7, 300)]


HOSTILE = hostile()
result = {"hostile": HOSTILE, "splits": {}}
for name in list(SEQUENCES) + list(REGEX):
    if name in REGEX:


        pattern = regex.compile(REGEX[name], regex.V1)
        cut = lambda text: pattern.findall(text)
    else:
        sequence = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(p), "isolated") for p in SEQUENCES[name]])
        cut = lambda text: [piece for piece, _ in sequence.pre_tokenize_str(text)]
    digest, count = hashlib.sha256(), 0
    for text in LINES + HOSTILE:
        pieces = cut(unicodedata.normalize("NFC", text) if name in COMPOSED else text)
        count += len(pieces)
        digest.update("".join(p + "\x1f" for p in pieces).encode() + b"\n")
    result["splits"][name] = {"pieces": count, "sha256": digest.hexdigest()}
    print(name, count, digest.hexdigest())
(FOLDER / "word-splits.json").write_text(json.dumps(result, separators=(",", ":")).replace('"splits":{', '"splits":{\n').replace('},"', '},\n"') + "\n")
