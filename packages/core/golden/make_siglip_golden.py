"""Golden values of SigLIP from Hugging Face's own PyTorch model and tokenizers, small and randomly initialised.

    pip install torch transformers safetensors tokenizers
    python packages/core/golden/make_siglip_golden.py

Writes siglip-tiny/{config.json, model.safetensors, tokenizer.json, expected.safetensors} (weights in float16; the
model runs in float32 on the rounded weights) and tokenizers/{siglip2,siglip}-ids.json: [[text, [ids]], …]. The
tokenizers have the parts of the published ones (SigLIP 2: Gemma's byte-pair encoding with byte fallback; SigLIP: a
unigram model), trained on a few sentences.
"""

import json
from pathlib import Path

import torch
from make_hf_golden import padded, randomise, save, weights_of
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import SiglipConfig, SiglipModel

HERE = Path(__file__).parent
CORPUS = [
    "a dog on a beach", "two dogs run in the park", "a photo of a giraffe", "the man's hat is red",
    "snow on the mountain", "a guitar and a horse near the house", "children playing football on green grass",
]
TEXTS = [
    "", "a", "a dog on a beach", "A Dog  on\ta\nbeach!", "the man's hat", "2024-05-17, 3.14 % of 1000", "naïve café",
    "snow 雪 mountain", "😀 smile", "   leading and trailing   ", "two dogs run in the park .", "giraffes' guitars",
]


def siglip2_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    bytes_ = [f"<0x{i:02X}>" for i in range(256)]
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(vocab_size=330, special_tokens=[*special, *bytes_], min_frequency=1)
    tokenizer.train_from_iterator(CORPUS, trainer)
    parts = json.loads(tokenizer.to_str())
    # The bytes are ordinary tokens of the model, as in the published file; only the marks are special.
    parts["added_tokens"] = [token for token in parts["added_tokens"] if token["content"] in special]
    tokenizer = Tokenizer.from_str(json.dumps(parts))
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A <eos>", pair="$A <eos> $B <eos>", special_tokens=[("<eos>", 1)]
    )
    return tokenizer


def siglip_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Lowercase(), normalizers.Replace(Regex(r"[!-/:-@\[-`{-~]"), ""),
        normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip(),
    ])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    trainer = trainers.UnigramTrainer(vocab_size=120, special_tokens=["<unk>", "</s>"], unk_token="<unk>")
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", tokenizer.token_to_id("</s>"))]
    )
    return tokenizer


def write_ids(name: str, tokenizer: Tokenizer) -> None:
    rows = [[text, tokenizer.encode(text).ids] for text in TEXTS]
    body = ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows)
    (HERE / "tokenizers" / f"{name}-ids.json").write_text(f"[\n{body}\n]\n")
    tokenizer.save(str(HERE / "tokenizers" / f"{name}.json"), pretty=False)


def make_siglip(vocabulary: int, tokenizer: Tokenizer) -> None:
    common = dict(hidden_size=24, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4)
    config = SiglipConfig(
        text_config=dict(vocab_size=vocabulary, max_position_embeddings=12, projection_size=24, pad_token_id=0,
                         bos_token_id=2, eos_token_id=1, **common),
        vision_config=dict(image_size=24, patch_size=8, **common),
    )
    model = SiglipModel(config).eval()
    randomise(model, 11)
    pixels = torch.randn(3, 3, 24, 24, generator=torch.Generator().manual_seed(12)).half().float()
    texts = ["a dog on a beach", "", "giraffe and guitar and horse"]
    rows = [tokenizer.encode(text).ids for text in texts]
    rows = [row if len(row) <= 12 else [*row[:11], 1] for row in rows]
    ids = padded(rows, 12, 0)
    with torch.no_grad():
        images = model.get_image_features(pixel_values=pixels).pooler_output
        states = model.get_text_features(input_ids=ids).pooler_output
        outputs = model(input_ids=ids, pixel_values=pixels)
    expected = dict(
        pixels=pixels.half(), ids=ids.int(), images=images, texts=states,
        image_units=outputs.image_embeds, text_units=outputs.text_embeds,
    )
    save("siglip-tiny", config.to_dict() | {"model_type": "siglip"}, weights_of(model), expected)


if __name__ == "__main__":
    bpe = siglip2_tokenizer()
    write_ids("siglip2", bpe)
    write_ids("siglip", siglip_tokenizer())
    make_siglip(bpe.get_vocab_size(), bpe)
