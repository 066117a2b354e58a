import { describe, expect, it } from 'vitest';
import { zipNameReader } from './zip-names.js';

/** Names as the code pages of their computers have them; by Python's codecs. */
const CASES: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    'Shift_JIS',
    [
      ['8365835883678e9f2f976c8e712e6a7067', 'テスト次/様子.jpg'],
      ['8ea1905e2e6a7067', '治真.jpg'],
    ],
  ],
  ['Shift_JIS without kana', [['97b78d732f8e52936382cc89d82e6a7067', '旅行/山田の華.jpg']]],
  ['GBK', [['cec4bcfe2fd5d5c6ac312e6a7067', '文件/照片1.jpg']]],
  ['EUC-KR', [['bbe7c1f82fb0adbec6c1f6c0ce2e6a7067', '사진/강아지인.jpg']]],
  ['Windows-1252', [['636166e92dd66c2e6a7067', 'café-Öl.jpg']]],
  ['code page 437', [['636166822d996c2e6a7067', 'café-Öl.jpg']]],
  ['UTF-8 without its flag', [['c3a9742e6a7067', 'ét.jpg']]],
];

describe('names of a zip file that do not say how they are encoded', () => {
  it.each(CASES)('%s is found out', (_name, names) => {
    const raw = names.map(([hex]) => Buffer.from(hex, 'hex'));
    const read = zipNameReader(raw);
    expect(raw.map(read)).toEqual(names.map(([, name]) => name));
  });

  it('each name keeps a letter for every byte, whatever they are', () => {
    const raw = [Buffer.from([0xff, 0x2e, 0x6a]), Buffer.from([0xfe, 0x2e, 0x6a])];
    const [one, other] = raw.map(zipNameReader(raw));
    expect(one).not.toBe(other);
    expect(`${one}${other}`).not.toContain('\uFFFD');
  });
});
