"""Golden values of the pretrained parts of the bundled model, by PyTorch.

    pip install torch transformers
    python packages/core/golden/make_eye_golden.py <efficientnet-lite0.pth> <folder of all-MiniLM-L6-v2>

Writes eye/expected.json: of a picture made by a formula, some values and the length of the map of stride 16 and of the
pooled features, computed with unfolded batch normalisations and TensorFlow's SAME padding; of three texts, the means
over the tokens of the embedding and of layers 3 and 6.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

HERE = Path(__file__).parent / "eye"
sd = torch.load(sys.argv[1], map_location='cpu')
def same(x, w, stride=1, groups=1):
    k = w.shape[-1]; h = x.shape[-1]; out = -(-h//stride); pad = max((out-1)*stride+k-h, 0)
    x = F.pad(x, (pad//2, pad-pad//2, pad//2, pad-pad//2)); return F.conv2d(x, w, None, stride, 0, 1, groups)
def bn(x, n): return F.batch_norm(x, sd[n+'.running_mean'], sd[n+'.running_var'], sd[n+'.weight'], sd[n+'.bias'], False, 0, 1e-3)
r6 = lambda x: torch.clamp(x, 0, 6)
strides = {1: 2, 3: 2, 5: 2, 11: 2}
# picture: pixel(y, x, c) = (7x + 13y + 50c + (x*y) % 31) % 256
S = 160
y, x, c = np.meshgrid(np.arange(S), np.arange(S), np.arange(3), indexing='ij')
img = (7*x+13*y+50*c+(x*y) % 31) % 256
t = torch.tensor((img.transpose(2, 0, 1)[None]-127.0)/128.0, dtype=torch.float32)
with torch.no_grad():
    h = r6(bn(same(t, sd['_conv_stem.weight'], 2), '_bn0')); fine = None
    for i in range(16):
        p = f'_blocks.{i}'; inp = h
        if p+'._expand_conv.weight' in sd: h = r6(bn(same(h, sd[p+'._expand_conv.weight']), p+'._bn0'))
        w = sd[p+'._depthwise_conv.weight']; h = r6(bn(same(h, w, strides.get(i, 1), w.shape[0]), p+'._bn1'))
        h = bn(same(h, sd[p+'._project_conv.weight']), p+'._bn2')
        if strides.get(i, 1) == 1 and inp.shape == h.shape: h = h+inp
        if i == 10: fine = h
    h = r6(bn(same(h, sd['_conv_head.weight']), '_bn1'))
    pooled = h.mean((2, 3))[0]
out = {'fine': [round(v, 5) for v in fine[0, :8, 3, 4].tolist()], 'fineNorm': fine.norm().item(), 'pooled': [round(v, 5) for v in pooled[:16].tolist()], 'pooledNorm': pooled.norm().item()}
from transformers import AutoTokenizer, AutoModel
d = sys.argv[2]; tok = AutoTokenizer.from_pretrained(d); m = AutoModel.from_pretrained(d).eval()
texts = ['A dog runs along the beach.', 'giraffe', 'Two children in red jackets climb over a mossy wall while their mother watches.']
out['texts'] = []
with torch.no_grad():
    for s in texts:
        e = tok([s], return_tensors='pt'); hs = m(**e, output_hidden_states=True).hidden_states
        out['texts'].append({'text': s, 'layers': {str(k): [round(v, 5) for v in hs[k][0].mean(0)[:12].tolist()] for k in (0, 3, 6)}, 'norms': {str(k): hs[k][0].mean(0).norm().item() for k in (0, 3, 6)}})
(HERE / 'expected.json').write_text(json.dumps(out) + '\n')
