import { spawnSync } from 'node:child_process';

/** Megabytes of the card's memory that are in use, by all processes; null where `nvidia-smi` does not answer. */
export function cardMemoryMb(): number | null {
  const { status, stdout } = spawnSync(
    'nvidia-smi',
    ['--query-gpu=memory.used', '--format=csv,noheader,nounits'],
    { encoding: 'utf8' },
  );
  const used = Number(stdout?.split('\n')[0]);
  return status === 0 && Number.isFinite(used) ? used : null;
}

/** Name and driver of the card, as `nvidia-smi` tells them. */
export function cardName(): string | null {
  const { status, stdout } = spawnSync(
    'nvidia-smi',
    ['--query-gpu=name,driver_version', '--format=csv,noheader'],
    { encoding: 'utf8' },
  );
  return status === 0 ? (stdout.split('\n')[0]?.trim() ?? null) : null;
}
