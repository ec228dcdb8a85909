"""Writes a tiny random model of each architecture as GGUF, and its logits by llama.cpp (package llama-cpp-python), which shares no code with this project.

Run: python3 tiny_models.py ../resources/org/threehalf/inference/decoder
A .logits file: int32 tokens, int32 vocabulary, the tokens' ids (int32), then for each token its logits (binary32); all little endian.
"""
import pathlib
import sys

import gguf
import llama_cpp
import numpy as np

WIDTH, HEADS, KV, HEAD, HIDDEN = 32, 4, 2, 8, 48


def spm_vocabulary(w):
    pieces = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    types = [2, 3, 3] + [6] * 256
    scores = [0.0] * len(pieces)
    for i, piece in enumerate(["\u2581", "e", "t", "a", "o", "n", "th", "\u2581t", "\u2581th", "\u2581the", "he", "an", "\u2581a"]):
        pieces.append(piece)
        types.append(1)
        scores.append(-float(i))
    w.add_tokenizer_model("llama")
    w.add_token_list(pieces)
    w.add_token_scores(scores)
    w.add_token_types(types)
    w.add_bos_token_id(1)
    w.add_eos_token_id(2)
    w.add_unk_token_id(0)
    w.add_add_bos_token(True)
    w.add_add_space_prefix(False)
    return len(pieces)


def byte_characters():
    printable = [*range(33, 127), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(256, 512))
    return [chr(b) if b in printable else chr(next(others)) for b in range(256)]


def bpe_vocabulary(w, pre):
    tokens = byte_characters()
    space = tokens[32]
    merges = [("t", "h"), (space, "t"), ("th", "e"), (space, "a"), ("i", "n"), (space + "t", "he"), ("e", "r")]
    tokens += [a + b for a, b in merges] + ["<|begin|>", "<|end|>"]
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre(pre)
    w.add_token_list(tokens)
    w.add_token_types([1] * (len(tokens) - 2) + [3, 3])
    w.add_token_merges([a + " " + b for a, b in merges])
    w.add_bos_token_id(len(tokens) - 2)
    w.add_eos_token_id(len(tokens) - 1)
    return len(tokens)


def write(path, architecture, layers, vocabulary, tied=False, biases=False, head_norms=False, post_norms=False, factors=False, window=0, base=10000.0, linear=0.0):
    rng = np.random.default_rng(sum(map(ord, path.name)))
    w = gguf.GGUFWriter(str(path), architecture)
    w.add_context_length(128)
    w.add_embedding_length(WIDTH)
    w.add_block_count(layers)
    w.add_feed_forward_length(HIDDEN)
    w.add_head_count(HEADS)
    w.add_head_count_kv(KV)
    w.add_key_length(HEAD)
    w.add_value_length(HEAD)
    w.add_layer_norm_rms_eps(1e-6)
    w.add_rope_freq_base(base)
    if architecture in ("llama", "qwen2"):
        w.add_rope_dimension_count(HEAD)
    if linear:
        w.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        w.add_rope_scaling_factor(linear)
    if window:
        w.add_sliding_window(window)
    if architecture == "gemma2":
        w.add_attn_logit_softcapping(4.0)
        w.add_final_logit_softcapping(3.0)
    size = vocabulary(w)

    def put(name, *shape, mean=0.0, deviation=None):
        deviation = shape[-1] ** -0.5 if deviation is None else deviation
        w.add_tensor(name, rng.normal(mean, deviation, shape).astype(np.float32))

    put("token_embd.weight", size, WIDTH, deviation=1.0 if architecture[:5] != "gemma" else 0.2)
    put("output_norm.weight", WIDTH, mean=1, deviation=0.2)
    if not tied:
        put("output.weight", size, WIDTH)
    if factors:
        w.add_tensor("rope_freqs.weight", np.array([1.0, 1.5, 4.0, 8.0], dtype=np.float32))
    for i in range(layers):
        p = f"blk.{i}."
        for name, rows, columns in (("attn_q", HEADS * HEAD, WIDTH), ("attn_k", KV * HEAD, WIDTH), ("attn_v", KV * HEAD, WIDTH)):
            put(p + name + ".weight", rows, columns, deviation=2 * columns**-0.5)
            if biases:
                put(p + name + ".bias", rows, deviation=0.5)
        put(p + "attn_output.weight", WIDTH, HEADS * HEAD)
        put(p + "ffn_gate.weight", HIDDEN, WIDTH)
        put(p + "ffn_up.weight", HIDDEN, WIDTH)
        put(p + "ffn_down.weight", WIDTH, HIDDEN)
        norms = ["attn_norm", "ffn_norm"] + (["post_attention_norm", "post_ffw_norm"] if post_norms else [])
        for name in norms:
            put(p + name + ".weight", WIDTH, mean=1, deviation=0.2)
        if head_norms:
            put(p + "attn_q_norm.weight", HEAD, mean=1, deviation=0.2)
            put(p + "attn_k_norm.weight", HEAD, mean=1, deviation=0.2)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    logits(path, size)


def logits(path, size):
    # F32 cache: no rounding of keys and values to 16 bits.
    model = llama_cpp.Llama(str(path), n_ctx=64, logits_all=True, verbose=False, n_threads=1, type_k=0, type_v=0, flash_attn=False)
    tokens = [(7 + 31 * i) % (size - 4) for i in range(24)]
    model.eval(tokens)
    result = np.array(model.scores[: len(tokens)], dtype="<f4")
    assert result.shape == (24, size) and np.isfinite(result).all()
    path.with_suffix(".logits").write_bytes(np.array([len(tokens), size, *tokens], dtype="<i4").tobytes() + result.tobytes())
    print(path.name, path.stat().st_size, "largest logit", abs(result).max())


out = pathlib.Path(sys.argv[1])
write(out / "llama2.gguf", "llama", 2, spm_vocabulary)
write(out / "llama2-linear.gguf", "llama", 1, spm_vocabulary, linear=4.0)
write(out / "llama3.gguf", "llama", 2, lambda w: bpe_vocabulary(w, "llama-bpe"), factors=True, base=500000.0)
write(out / "qwen2.gguf", "qwen2", 2, lambda w: bpe_vocabulary(w, "qwen2"), biases=True, base=1000000.0)
write(out / "qwen3.gguf", "qwen3", 2, lambda w: bpe_vocabulary(w, "qwen2"), head_norms=True, tied=True, base=1000000.0)
write(out / "gemma2.gguf", "gemma2", 2, spm_vocabulary, tied=True, post_norms=True, window=6)
write(out / "gemma3.gguf", "gemma3", 6, spm_vocabulary, tied=True, post_norms=True, head_norms=True, window=6, base=1000000.0)
