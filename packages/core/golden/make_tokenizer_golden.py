"""Golden token ids from Hugging Face's own tokenizers (the Rust library behind transformers).

    pip install tokenizers transformers
    python packages/core/golden/make_tokenizer_golden.py <bpe_simple_vocab_16e6.txt.gz>

CLIP's ids come from OpenAI's merge list, which is not part of this repository; BERT's from a small vocabulary
written here; ours from a tokenizer.json that our own trainer made (tokenizers/ours.json).
Writes tokenizers/{clip,bert,ours}-ids.json: [[text, [ids]], …].
"""

import gzip
import json
import sys
import tempfile
from pathlib import Path

from tokenizers import Tokenizer
from transformers import BertTokenizerFast, CLIPTokenizerFast

HERE = Path(__file__).parent / "tokenizers"
TEXTS = [
    "", "a", "a dog on a beach", "A Dog  on\ta\nbeach!", "it's we're they'll I'd", "2024-05-17, 3.14 % of 1000",
    "naïve café Ångström", "e\u0301t\u00e9", "don't stop...now?!", "snow 雪 mountain 山", "😀 smile 👍🏽",
    "under_score-dash/slash\\back", "ALL CAPS AND camelCase", "supercalifragilisticexpialidocious",
    "a photo of a «quoted» “thing”", "   leading and trailing   ", "½ of x² + y³", "İstanbul straße ﬁsh",
    "tabs\t\tand\r\nnewlines", "a,b;c:d(e)f[g]h{i}", "the man's hat", "'sup 's 'S", "two dogs run in the park .",
]


def clip_tokenizer(path: str) -> CLIPTokenizerFast:
    lines = gzip.open(path, "rt", encoding="utf-8").read().split("\n")[1 : 49152 - 256 - 2 + 1]
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    chars = [chr(b) for b in printable] + [chr(256 + i) for i in range(len(others))]
    tokens = chars + [c + "</w>" for c in chars] + ["".join(line.split()) for line in lines]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    with tempfile.TemporaryDirectory() as folder:
        vocab, merges = Path(folder) / "vocab.json", Path(folder) / "merges.txt"
        vocab.write_text(json.dumps({t: i for i, t in enumerate(tokens)}))
        merges.write_text("#version: 0.2\n" + "\n".join(lines) + "\n")
        return CLIPTokenizerFast(vocab=str(vocab), merges=str(merges))


def bert_vocabulary() -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    words = "a dog on beach the man s hat two dogs run in park photo of it we re they ll i d snow mountain".split()
    pieces = ["##ing", "##ly", "##s", "##er", "##ca", "##li", "super", "lead", "new", "##lines", "cafe", "naive"]
    marks = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_{|}") + ["雪", "½"]
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(
        [*words, *pieces, *marks, *letters, *("##" + c for c in letters)]
    )]


def write(name: str, encode) -> None:
    rows = [[text, encode(text)] for text in TEXTS]
    body = ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows)
    (HERE / f"{name}-ids.json").write_text(f"[\n{body}\n]\n")


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    clip = clip_tokenizer(sys.argv[1])
    write("clip", lambda text: clip(text)["input_ids"])
    (HERE / "bert-vocab.txt").write_text("\n".join(bert_vocabulary()) + "\n")
    bert = BertTokenizerFast(vocab=str(HERE / "bert-vocab.txt"))
    write("bert", lambda text: bert(text)["input_ids"])
    ours = Tokenizer.from_file(str(HERE / "ours.json"))
    ours.no_padding()
    write("ours", lambda text: ours.encode(text).ids)
