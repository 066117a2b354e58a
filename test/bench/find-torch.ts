import { spawnSync } from 'node:child_process';

/** A Python that can import torch and numpy, or why there is none. */
export function findTorch(): { python: string } | { missing: string } {
  const python = process.env.FREESTYLE_PYTHON ?? 'python3';
  const { status } = spawnSync(python, ['-c', 'import torch, numpy'], { encoding: 'utf8' });
  if (status === 0) return { python };
  return { missing: `"${python}" cannot import torch; set FREESTYLE_PYTHON to a python that can` };
}
