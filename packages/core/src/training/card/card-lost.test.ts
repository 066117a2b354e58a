import { describe, expect, test } from 'vitest';
import { RuntimeFailure } from '../../runtime/session.js';
import { CardLostError, onCard } from './card-lost.js';

const failing = (said: string) => () =>
  Promise.reject(new RuntimeFailure('running on cuda', { provider: 'cuda' }, new Error(said)));

const outcome = (said: string) =>
  onCard('query', 'cuda', failing(said)).catch((error: unknown) => error as Error);

describe('a card that fails in the middle of a training', () => {
  test.each([
    'Failed to allocate memory for requested buffer of size 4194304',
    'CUDNN failure 4: CUDNN_STATUS_INTERNAL_ERROR; out of memory',
    'VK_ERROR_OUT_OF_DEVICE_MEMORY: Out of memory',
  ])('full: %s', async (said) => {
    const error = await outcome(said);
    expect(error).toBeInstanceOf(CardLostError);
    expect(error).toMatchObject({ code: 'CARD_LOST', data: { provider: 'cuda', full: true } });
    expect(error).toHaveProperty('message', expect.stringMatching(/checkpoint stands.*smaller batch/));
  });

  test.each(['CUDA failure 719: unspecified launch failure', 'WebGPU device was lost: the driver was reset'])(
    'lost: %s',
    async (said) => {
      const error = await outcome(said);
      expect(error).toMatchObject({ code: 'CARD_LOST', data: { full: false } });
      expect(error).toHaveProperty('message', expect.stringMatching(/was lost.*provider "cpu" goes on/));
    },
  );

  test('a fault that is not the card’s stays what it is', async () => {
    expect(await outcome('Got invalid dimensions for input: x')).toBeInstanceOf(RuntimeFailure);
  });
});
