import type { MemoryRecord } from './memory.js';
import type { Parity } from './parity.js';
import type { OperatorTime } from './profile.js';

/** One row of the table: milliseconds a picture. */
export interface GpuRow {
  readonly who: string;
  readonly model: string;
  readonly batch: number;
  readonly forward: number | null;
  readonly step: number | null;
  readonly memoryMb: number | null;
  readonly note?: string;
}

export interface GpuReport {
  readonly card: string | null;
  readonly provider: string;
  readonly probe: string;
  readonly rows: GpuRow[];
  readonly parity: Parity[];
  readonly memory: MemoryRecord[];
  readonly profile: OperatorTime[];
  readonly notes: string[];
}

const cell = (value: number | null | undefined, digits = 3): string =>
  value === null || value === undefined ? '' : value.toFixed(digits);

/** The report as Markdown. */
export function markdown({ card, provider, probe, rows, parity, memory, profile, notes }: GpuReport): string {
  const lines = [
    `# ${provider} on ${card ?? 'an unnamed card'}`,
    '',
    probe,
    '',
    'Milliseconds a picture; medians.',
    '',
    '| model | batch | | forward | training step | card memory MB |',
    '|---|---|---|---|---|---|',
    ...rows.map(
      ({ who, model, batch, forward, step, memoryMb, note }) =>
        `| ${model} | ${batch} | ${who}${note ? ` (${note})` : ''} | ${cell(forward)} | ${cell(step)} | ${cell(memoryMb, 0)} |`,
    ),
    '',
    ...parity.map(
      (one) =>
        `${one.steps} steps of ${one.model}, batch ${one.batch}, against the processor: losses within ` +
        `${one.lossGap.toExponential(1)}, weights apart by ${one.weightGap.toExponential(1)} of the way they went.`,
    ),
    ...(memory.length > 0 ? ['', '| steps | host MB | card MB |', '|---|---|---|'] : []),
    ...memory.map((one) => `| ${one.steps} | ${cell(one.hostMb, 0)} | ${cell(one.cardMb, 0)} |`),
    ...(profile.length > 0 ? ['', '| operator | on | calls a step | ms a step |', '|---|---|---|---|'] : []),
    ...profile
      .slice(0, 16)
      .map((one) => `| ${one.operator} | ${one.provider} | ${cell(one.calls, 1)} | ${cell(one.msPerStep)} |`),
    '',
    ...notes.map((note) => `- ${note}`),
  ];
  return `${lines.join('\n')}\n`;
}
