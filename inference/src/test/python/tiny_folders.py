"""Writes tiny random models as Hugging Face folders and, of the same weights, as GGUF files, with their logits by `transformers`.

Run: python3 tiny_folders.py ../resources/org/threehalf/inference/huggingface [NAME…]
Needs torch 2.15.0, transformers 5.24.0, safetensors, tokenizers and gguf 0.19.0. A .logits file is as tiny_models.py writes it. The GGUF files are written from the folder's own numbers by the
rules of llama.cpp's converter: rows of llama's query and key in the order that makes neighbours a pair, Gemma's norms plus 1, vectors in binary32.
"""
import json
import math
import pathlib
import shutil
import sys

import gguf
import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from tokenizers import AddedToken

OUT = pathlib.Path(sys.argv[1])
SIZE = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=48, max_position_embeddings=128, rms_norm_eps=1e-6)
QWEN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = QWEN.replace(r"\p{N}|", r"\p{N}{1,3}|", 1)
_CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + _CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
         + _CONTRACTIONS + r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def byte_characters():
    printable = [*range(33, 127), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(256, 512))
    return [chr(b) if b in printable else chr(next(others)) for b in range(256)]


def bpe(pattern, composed=False, whole=False, beginning=False):
    tokens = byte_characters()
    space = tokens[32]
    merges = [("t", "h"), (space, "t"), ("th", "e"), (space, "a"), ("i", "n"), ("h", "e"), (space + "t", "he"), ("e", "r")]
    tokens += [a + b for a, b in merges]
    t = Tokenizer(models.BPE(vocab={x: i for i, x in enumerate(tokens)}, merges=merges, ignore_merges=whole))
    if composed:
        t.normalizer = normalizers.NFC()
    steps = [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)] if pattern is None else [
        pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    t.pre_tokenizer = pre_tokenizers.Sequence(steps) if len(steps) > 1 else steps[0]
    t.decoder = decoders.ByteLevel()
    t.add_special_tokens([AddedToken("<|begin|>", special=True), AddedToken("<|end|>", special=True)])
    t.add_tokens([AddedToken("<tool>", special=False, normalized=False)])
    if beginning:
        t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(
            single="<|begin|> $A", pair="<|begin|> $A $B", special_tokens=[("<|begin|>", len(tokens))])])
    return t, "<|begin|>", "<|end|>"


def spm(prefix):
    pieces = ["<pad>", "<s>", "</s>", "<unk>"] + [f"<0x{b:02X}>" for b in range(256)]
    words = ["th", "\u2581t", "the", "\u2581th", "\u2581the", "he", "an", "\u2581a", "\u2581an"]
    pieces += words + ["\u2581", "e", "t", "a", "o", "n", "h", "\u00e9"]
    vocabulary = {p: i for i, p in enumerate(pieces)}
    merges = [(w[:i], w[i:]) for w in words for i in range(1, len(w)) if w[:i] in vocabulary and w[i:] in vocabulary]
    t = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    t.normalizer = normalizers.Sequence(([normalizers.Prepend("\u2581")] if prefix else []) + [normalizers.Replace(" ", "\u2581")])
    t.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()])
    t.add_special_tokens([AddedToken(x, special=True, normalized=False) for x in ("<pad>", "<s>", "</s>", "<unk>")])
    t.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 1)])
    return t, "<s>", "</s>"


def round_norms(state):
    """Numbers whose sum with 1 is exact, so that both forms hold the same."""
    return {k: (v * 4096).round() / 4096 if v.dim() == 1 else v for k, v in state.items()}


def random_state(model, seed):
    g = torch.Generator().manual_seed(seed)
    state = {}
    for name, value in model.state_dict().items():
        if value.dim() == 1:
            shift = 0.0 if "gemma" in model.config.model_type and name.endswith("norm.weight") else 1.0 if name.endswith("norm.weight") else 0.0
            state[name] = shift + 0.2 * torch.randn(value.shape, generator=g)
        else:
            scale = 2 if "q_proj" in name or "k_proj" in name else 1
            state[name] = scale * torch.randn(value.shape, generator=g) * value.shape[-1] ** -0.5
    return round_norms(state)


def permute(w, heads):
    """Rows i and i + d/2 of a head to 2i and 2i + 1: what makes interleaved pairs of split ones."""
    return w.reshape(heads, 2, w.shape[0] // heads // 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)


NAMES = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
         "mlp.down_proj": "ffn_down", "self_attn.qkv_proj": "attn_qkv", "mlp.gate_up_proj": "ffn_up", "mlp.gate": "ffn_gate_inp", "block_sparse_moe.gate": "ffn_gate_inp", "input_layernorm": "attn_norm", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm"}


def gguf_file(path, architecture, config, state, tokenizer, types):
    gemma = architecture.startswith("gemma")
    post_norms = gemma or architecture == "olmo2"
    w = gguf.GGUFWriter(str(path), architecture)
    w.add_context_length(128)
    w.add_embedding_length(32)
    w.add_block_count(config.num_hidden_layers)
    w.add_feed_forward_length(config.intermediate_size)
    w.add_head_count(4)
    w.add_head_count_kv(2)
    head = getattr(config, "head_dim", None) or 8
    w.add_key_length(head)
    w.add_value_length(head)
    if architecture == "stablelm":
        w.add_layer_norm_eps(config.layer_norm_eps)
        w.add_parallel_residual(config.use_parallel_residual)
    else:
        w.add_layer_norm_rms_eps(1e-6)
    experts = getattr(config, "num_local_experts", 0) or getattr(config, "num_experts", 0) or 0
    if experts:
        w.add_expert_count(experts)
        w.add_expert_used_count(config.num_experts_per_tok)
        if architecture == "qwen3moe":
            w.add_expert_feed_forward_length(config.moe_intermediate_size)
        if architecture == "gpt-oss":
            w.add_expert_feed_forward_length(config.intermediate_size)
    if architecture == "granite":
        w.add_embedding_scale(config.embedding_multiplier)
        w.add_residual_scale(config.residual_multiplier)
        w.add_attention_scale(config.attention_multiplier)
        w.add_logit_scale(config.logits_scaling)
    rope = config.rope_parameters
    rope = rope.get("full_attention", rope)
    w.add_rope_freq_base(rope["rope_theta"])
    rotated = int(head * rope.get("partial_rotary_factor", 1.0))
    if architecture in ("phi3", "stablelm"):
        w.add_rope_dimension_count(rotated)
    if rope.get("rope_type") == "yarn":
        w.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        w.add_rope_scaling_factor(rope["factor"])
        w.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
    if rope.get("rope_type") == "longrope":
        old = rope["original_max_position_embeddings"]
        w.add_rope_scaling_orig_ctx_len(old)
        w.add_rope_scaling_attn_factors(math.sqrt(1 + math.log(config.max_position_embeddings / old) / math.log(old)))
        for kind in ("long", "short"):
            w.add_tensor(f"rope_factors_{kind}.weight", np.array(rope[f"{kind}_factor"], dtype=np.float32))
    if rope.get("rope_type") == "linear":
        w.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        w.add_rope_scaling_factor(rope["factor"])
    if gemma or config.model_type in ("mistral", "olmo3", "phi3", "gpt_oss"):
        w.add_sliding_window(config.sliding_window)
    if architecture == "gemma2":
        w.add_attn_logit_softcapping(config.attn_logit_softcapping)
        w.add_final_logit_softcapping(config.final_logit_softcapping)
    if architecture == "gemma3":
        w.add_key_value("gemma3.rope.freq_base_swa", config.rope_parameters["sliding_attention"]["rope_theta"], gguf.GGUFValueType.FLOAT32)
    vocabulary = {i: t for t, i in tokenizer.get_vocab(True).items()}
    added = {i: t for i, t in tokenizer.get_added_tokens_decoder().items()}
    tokens = [vocabulary[i] for i in range(len(vocabulary))]
    spm_like = "<unk>" in tokens
    kinds = [2 if t == "<unk>" else 3 if i in added and added[i].special else 4 if i in added else 6 if spm_like and t.startswith("<0x") else 1 for i, t in enumerate(tokens)]
    model = json.loads(tokenizer.to_str())["model"]
    merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
    w.add_tokenizer_model("llama" if spm_like else "gpt2")
    if spm_like:
        order = {}
        for m in merges:
            order.setdefault(m.replace(" ", ""), len(order))
        w.add_token_scores([float(-order.get(t, 1 << 24)) for t in tokens])
        w.add_add_space_prefix(types["prefix"])
        w.add_unk_token_id(3)
    else:
        w.add_tokenizer_pre(types["pre"])
        w.add_token_merges(merges)
    w.add_token_list(tokens)
    w.add_token_types(kinds)
    w.add_bos_token_id(types["bos"])
    w.add_eos_token_id(types["eos"])
    w.add_add_bos_token(types["begins"])
    w.add_add_eos_token(False)
    if rope.get("rope_type") == "llama3":
        freq = 1.0 / (rope["rope_theta"] ** (torch.arange(0, head, 2, dtype=torch.float32) / head))
        factors = []
        for f in freq:
            wave = 2 * np.pi / f
            old, low, high = rope["original_max_position_embeddings"], rope["low_freq_factor"], rope["high_freq_factor"]
            smooth = (old / wave - low) / (high - low)
            factors.append(1.0 if wave < old / high else rope["factor"] if wave > old / low else float(1 / ((1 - smooth) / rope["factor"] + smooth)))
        w.add_tensor("rope_freqs.weight", np.array(factors, dtype=np.float32))
    for name, value in state.items():
        plain = name.removeprefix("model.")
        if ".mlp.experts." in plain and architecture == "gpt-oss":
            gguf_experts(w, plain, value, state)
            continue
        if plain.endswith(".sinks"):
            w.add_tensor(f"blk.{plain.split('.')[1]}.attn_sinks.weight", value.float().numpy())
            continue
        base, kind = plain.rsplit(".", 1)
        if base == "embed_tokens":
            target = "token_embd"
        elif base == "norm":
            target = "output_norm"
        elif base == "lm_head":
            if config.tie_word_embeddings:
                continue
            target = "output"
        elif ".experts." in base:
            _, layer, part = base.split(".", 2)
            _, _, expert, matrix = part.split(".")
            target = f"blk.{layer}.{ {'gate_proj': 'ffn_gate', 'up_proj': 'ffn_up', 'down_proj': 'ffn_down', 'w1': 'ffn_gate', 'w3': 'ffn_up', 'w2': 'ffn_down'}[matrix]}.{expert}"
        else:
            _, layer, part = base.split(".", 2)
            other = {"post_attention_layernorm": "post_attention_norm", "mlp.router": "ffn_gate_inp"} if architecture == "gpt-oss" else {
                "post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm", "post_feedforward_layernorm": "post_ffw_norm"} if post_norms else {
                "post_attention_layernorm": "ffn_norm"}
            target = f"blk.{layer}.{NAMES.get(part) or other[part]}"
        if value.dim() == 1:
            data = value.float().numpy() + np.float32(1 if gemma and target.endswith("norm") else 0)
            w.add_tensor(f"{target}.{kind}", data)
            continue
        if value.dtype == torch.bfloat16:
            data = value.view(torch.int16).numpy()
        else:
            data = value.numpy()
        if architecture in ("llama", "smollm3", "granite") and target.endswith(("attn_q", "attn_k")):
            data = permute(data, 4 if target.endswith("attn_q") else 2)
        if value.dtype == torch.bfloat16:
            w.add_tensor(f"{target}.{kind}", np.ascontiguousarray(data).view(np.uint8), raw_dtype=gguf.GGMLQuantizationType.BF16)
        else:
            w.add_tensor(f"{target}.{kind}", np.ascontiguousarray(data))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


FP4 = torch.tensor([0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6])


def gpt_oss(state, mxfp4, seed):
    """Numbers of its size for what only gpt-oss has: the state for transformers, and the one that is published, in MXFP4 or in BF16."""
    g = torch.Generator().manual_seed(seed)
    computed, stored = {}, {}
    for k, v in state.items():
        if k.endswith("gate_up_proj_bias"):
            v = (4 * torch.randn(v.shape, generator=g)).to(torch.bfloat16)
        elif k.endswith(("down_proj_bias", "router.bias", "sinks")):
            v = torch.randn(v.shape, generator=g).to(torch.bfloat16)
        elif mxfp4 and k.endswith(("experts.gate_up_proj", "experts.down_proj")):
            experts, inputs, outputs = v.shape
            codes = torch.randint(0, 16, (experts, outputs, inputs // 32, 32), generator=g, dtype=torch.uint8)
            exponents = torch.randint(122, 125, (experts, outputs, inputs // 32), generator=g, dtype=torch.uint8)
            stored[k + "_blocks"] = codes[..., 0::2] | codes[..., 1::2] << 4
            stored[k + "_scales"] = exponents
            numbers = FP4[codes.long()] * torch.exp2(exponents.float() - 127)[..., None]
            computed[k] = numbers.reshape(experts, outputs, inputs).transpose(1, 2).contiguous()
            continue
        computed[k] = stored[k] = v
    return computed, stored


def gguf_experts(w, name, value, state):
    """One tensor of all experts of a layer: gate and up apart, MXFP4's blocks as GGUF has them, rows of inputs."""
    _, layer, _, _, kind = name.split(".")
    parts = [("ffn_down", slice(None))] if kind.startswith("down") else [("ffn_gate", slice(0, None, 2)), ("ffn_up", slice(1, None, 2))]
    for target, rows in parts:
        if kind.endswith("_bias"):
            w.add_tensor(f"blk.{layer}.{target}_exps.bias", np.ascontiguousarray(value.float().numpy()[:, rows]))
        elif kind.endswith("_blocks"):
            pairs, exponents = value.numpy()[:, rows], state["model." + name.replace("_blocks", "_scales")].numpy()[:, rows]
            codes = np.stack([pairs & 15, pairs >> 4], axis=-1).reshape(*pairs.shape[:3], 32)
            blocks = np.concatenate([exponents[..., None], codes[..., :16] | codes[..., 16:] << 4], axis=-1)
            w.add_tensor(f"blk.{layer}.{target}_exps.weight", np.ascontiguousarray(blocks.reshape(*blocks.shape[:2], -1)), raw_dtype=gguf.GGMLQuantizationType.MXFP4)
        elif not kind.endswith("_scales"):
            data = np.ascontiguousarray(value.transpose(1, 2).contiguous().view(torch.int16).numpy()[:, rows])
            w.add_tensor(f"blk.{layer}.{target}_exps.weight", data.view(np.uint8), raw_dtype=gguf.GGMLQuantizationType.BF16)


def published(state, mixtral, stacked):
    """A state under the names that published files have: each expert's matrices by themselves."""
    result = {}
    for k, v in state.items():
        if stacked:
            result[k] = v
            continue
        if k.endswith("experts.gate_up_proj") or k.endswith("experts.down_proj"):
            base = k.rsplit(".", 1)[0].replace(".mlp.", ".block_sparse_moe." if mixtral else ".mlp.")
            for e in range(v.shape[0]):
                if k.endswith("down_proj"):
                    result[f"{base}.{e}.{'w2' if mixtral else 'down_proj'}.weight"] = v[e].clone()
                else:
                    half = v.shape[1] // 2
                    result[f"{base}.{e}.{'w1' if mixtral else 'gate_proj'}.weight"] = v[e, :half].clone()
                    result[f"{base}.{e}.{'w3' if mixtral else 'up_proj'}.weight"] = v[e, half:].clone()
        else:
            result[k.replace(".mlp.gate.", ".block_sparse_moe.gate.") if mixtral else k] = v
    return result


def write(name, architecture, model_class, config, tokenizer, dtype=torch.float32, shards=None, template=None, float8=False, mxfp4=False, types=None):
    if len(sys.argv) > 2 and name not in sys.argv[2:]:
        return
    t, bos, eos = tokenizer
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    config.vocab_size = t.get_vocab_size()
    config.bos_token_id, config.eos_token_id, config.pad_token_id = t.token_to_id(bos), t.token_to_id(eos), None
    model = model_class(config).eval()
    state = {k: v.to(dtype) for k, v in random_state(model, sum(map(ord, name))).items()}
    stored = state
    if config.model_type == "gpt_oss":
        state, stored = gpt_oss(state, mxfp4, sum(map(ord, name)))
    if config.tie_word_embeddings:
        state["lm_head.weight"] = state["model.embed_tokens.weight"]
    model.load_state_dict({k: v.float() for k, v in state.items()})
    if config.tie_word_embeddings:
        state.pop("lm_head.weight", None)
        model.tie_weights()
    config._attn_implementation = "eager"
    state = published(stored if config.model_type == "gpt_oss" else state, config.model_type == "mixtral", config.model_type == "gpt_oss")
    saved = json.loads(config.to_json_string(use_diff=False))
    # What use_diff leaves: everything that is no default of all models.
    keep = json.loads(config.to_json_string())
    keep.update({k: saved[k] for k in ("architectures", "model_type", "vocab_size") if k in saved})
    keep["architectures"] = [model_class.__name__]
    if mxfp4:
        # As the published configuration has it, beside the older names of two numbers.
        keep.update(quantization_config={"quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.*.self_attn"]}, experts_per_token=config.num_experts_per_tok, initial_context_length=64)
    (folder / "config.json").write_text(json.dumps(keep, indent=1) + "\n")
    if float8:
        scaled = {}
        for k, v in state.items():
            if v.dim() == 2 and "layers" in k:
                scale = v.abs().amax(dim=1, keepdim=True) / 448
                scaled[k] = (v / scale).to(torch.float8_e4m3fn)
                scaled[k + "_scale"] = scale
                state[k] = scaled[k].float() * scale
            else:
                scaled[k] = v
        model.load_state_dict(state, strict=False)
        save_file(scaled, folder / "model.safetensors", metadata={"format": "pt"})
    elif shards:
        keys = sorted(state)
        parts = [keys[i::shards] for i in range(shards)]
        index = {}
        for i, part in enumerate(parts):
            file = f"model-{i + 1:05}-of-{shards:05}.safetensors"
            save_file({k: state[k].contiguous() for k in part}, folder / file, metadata={"format": "pt"})
            index.update({k: file for k in part})
        (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {"total_size": sum(v.numel() * v.element_size() for v in state.values())}, "weight_map": index}))
    else:
        save_file({k: v.contiguous() for k, v in state.items()}, folder / "model.safetensors", metadata={"format": "pt"})
    t.save(str(folder / "tokenizer.json"))
    settings = {"bos_token": bos, "eos_token": {"content": eos, "__type": "AddedToken"}, "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 128}
    if template == "file":
        (folder / "chat_template.jinja").write_text("{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}")
    elif template == "list":
        settings["chat_template"] = [{"name": "tool_use", "template": "tools"}, {"name": "default", "template": "{{ bos_token }}{{ messages[0].content }}"}]
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1) + "\n")
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": [t.token_to_id(eos), 5], "temperature": 0.6}) + "\n")
    ids = [(7 + 31 * i) % (config.vocab_size - 4) for i in range(24)]
    with torch.no_grad():
        logits = model.float()(torch.tensor([ids])).logits[0].numpy().astype("<f4")
    (OUT / f"{name}.logits").write_bytes(np.array([len(ids), config.vocab_size, *ids], dtype="<i4").tobytes() + logits.tobytes())
    begins = t.encode("x").ids[0] == config.bos_token_id
    kinds = dict(types or {}, bos=config.bos_token_id, eos=config.eos_token_id, begins=begins)
    texts = ["the an", "then  another \u00e9t\u00e9 the\n\n12345's", "\U0001f600 caf\u00e9 e\u0301", " the", "", "a<tool>b"]
    (OUT / f"{name}.tokens.json").write_text(json.dumps([{"text": x, "ids": t.encode(x).ids} for x in texts]) + "\n")
    if not float8:
        gguf_file(OUT / f"{name}.gguf", architecture, config, state, t, kinds)
    print(name, sum(f.stat().st_size for f in folder.iterdir()), "largest logit", abs(logits).max())


torch.manual_seed(0)
T = transformers
LLAMA3_ROPE = {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64}
write("llama", "llama", T.LlamaForCausalLM, T.LlamaConfig(**SIZE, rope_parameters=LLAMA3_ROPE, tie_word_embeddings=False), bpe(LLAMA3, whole=True, beginning=True), dtype=torch.bfloat16, shards=3,
      template="list", types={"pre": "llama-bpe"})
write("llama-spm", "llama", T.LlamaForCausalLM, T.LlamaConfig(**SIZE, rope_parameters={"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}, tie_word_embeddings=False), spm(True),
      dtype=torch.float16, template="file", types={"prefix": True})
write("mistral", "llama", T.MistralForCausalLM, T.MistralConfig(**SIZE, sliding_window=6, head_dim=16, tie_word_embeddings=True), bpe(None), types={"pre": "gpt-2"})
write("qwen2", "qwen2", T.Qwen2ForCausalLM, T.Qwen2Config(**SIZE, tie_word_embeddings=False), bpe(QWEN, composed=True), types={"pre": "qwen2"})
write("qwen3", "qwen3", T.Qwen3ForCausalLM, T.Qwen3Config(**SIZE, head_dim=16, tie_word_embeddings=True), bpe(QWEN, composed=True), dtype=torch.bfloat16, types={"pre": "qwen2"})
write("qwen3-float8", "qwen3", T.Qwen3ForCausalLM, T.Qwen3Config(**SIZE, head_dim=16, tie_word_embeddings=True), bpe(QWEN, composed=True), float8=True)
write("gemma2", "gemma2", T.Gemma2ForCausalLM, T.Gemma2Config(**SIZE, head_dim=16, query_pre_attn_scalar=16, sliding_window=6, attn_logit_softcapping=4.0, final_logit_softcapping=3.0), spm(False),
      types={"prefix": False})
write("gemma3", "gemma3", T.Gemma3ForCausalLM, T.Gemma3TextConfig(**{**SIZE, "num_hidden_layers": 6}, head_dim=16, query_pre_attn_scalar=16, sliding_window=6), spm(False), dtype=torch.bfloat16,
      types={"prefix": False})
write("smollm3", "smollm3", T.SmolLM3ForCausalLM, T.SmolLM3Config(**{**SIZE, "num_hidden_layers": 4}, tie_word_embeddings=True), bpe(LLAMA3, whole=True), dtype=torch.bfloat16,
      types={"pre": "llama-bpe"})
write("granite", "granite", T.GraniteForCausalLM, T.GraniteConfig(**SIZE, embedding_multiplier=12.0, residual_multiplier=0.22, attention_multiplier=0.0625, logits_scaling=8.0,
      tie_word_embeddings=True), bpe(None), types={"pre": "gpt-2"})
write("olmo2", "olmo2", T.Olmo2ForCausalLM, T.Olmo2Config(**SIZE, tie_word_embeddings=False), bpe(QWEN, composed=True), types={"pre": "qwen2"})
write("olmo3", "olmo2", T.Olmo3ForCausalLM, T.Olmo3Config(**{**SIZE, "num_hidden_layers": 4}, sliding_window=6, tie_word_embeddings=False), bpe(None), dtype=torch.bfloat16, types={"pre": "gpt-2"})
write("qwen3-yarn", "qwen3", T.Qwen3ForCausalLM, T.Qwen3Config(**SIZE, head_dim=8, rope_parameters={"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 64},
      tie_word_embeddings=True), bpe(QWEN, composed=True), dtype=torch.bfloat16, types={"pre": "qwen2"})
for name, trained in (("phi3", 64), ("phi3-long", 16)):
    write(name, "phi3", T.Phi3ForCausalLM, T.Phi3Config(**SIZE, rope_parameters={"rope_type": "longrope", "rope_theta": 10000.0, "partial_rotary_factor": 0.75, "short_factor": [1.0, 1.1, 1.25],
          "long_factor": [1.5, 3.0, 7.0], "original_max_position_embeddings": trained}, original_max_position_embeddings=trained, sliding_window=20, tie_word_embeddings=False), spm(False),
          dtype=torch.bfloat16, types={"prefix": False})
write("stablelm", "stablelm", T.StableLmForCausalLM, T.StableLmConfig(**{**{k: v for k, v in SIZE.items() if k != "rms_norm_eps"}, "layer_norm_eps": 1e-5}, use_qkv_bias=True,
      rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.5}, tie_word_embeddings=False), bpe(QWEN), dtype=torch.bfloat16,
      types={"pre": "stablelm2"})
write("mixtral", "llama", T.MixtralForCausalLM, T.MixtralConfig(**SIZE, num_local_experts=4, num_experts_per_tok=2, tie_word_embeddings=False), spm(True), dtype=torch.bfloat16,
      types={"prefix": True})
write("qwen3moe", "qwen3moe", T.Qwen3MoeForCausalLM, T.Qwen3MoeConfig(**{**SIZE, "num_hidden_layers": 1}, head_dim=16, moe_intermediate_size=24, num_experts=6, num_experts_per_tok=3, norm_topk_prob=True,
      tie_word_embeddings=False), bpe(QWEN, composed=True), dtype=torch.bfloat16, types={"pre": "qwen2"})
write("olmoe", "olmoe", T.OlmoeForCausalLM, T.OlmoeConfig(**{**SIZE, "num_hidden_layers": 1}, num_experts=4, num_experts_per_tok=2, tie_word_embeddings=False), bpe(None), dtype=torch.bfloat16,
      types={"pre": "gpt-2"})
for name, mxfp4 in (("gpt-oss", True), ("gpt-oss-bf16", False)):
    write(name, "gpt-oss", T.GptOssForCausalLM, T.GptOssConfig(**{**SIZE, "intermediate_size": 64 if mxfp4 else 24, "num_hidden_layers": 2 if mxfp4 else 1}, head_dim=16, num_local_experts=5,
          num_experts_per_tok=3, sliding_window=6, rope_parameters={"rope_type": "yarn", "rope_theta": 150000.0, "factor": 4.0, "beta_fast": 32.0, "beta_slow": 1.0, "truncate": False,
          "original_max_position_embeddings": 64}, layer_types=["sliding_attention", "full_attention"][:2 if mxfp4 else 1], tie_word_embeddings=False), bpe(O200K), dtype=torch.bfloat16, mxfp4=mxfp4,
          types={"pre": "gpt-4o"})
