import { CoreError } from '../../errors.js';
import { RuntimeFailure } from '../../runtime/session.js';

/** What the runtimes of graphics cards say when their memory is full. */
const FULL = /out of memory|out_of_memory|failed to allocate|allocation failed|bad_alloc/i;
/** What they say when the card, or its driver, is gone. Of a fault of our own they say other things. */
const LOST = /device (was |is )?lost|device_lost|CUDA failure|CUDA error|CUDNN failure|CUBLAS failure/i;

/** The card was lost in the middle of a training, or its memory is full. What a checkpoint holds stands: the same training goes on
 *  from there, on whatever provider it is given. `cause` is the runtime's own failure. */
export class CardLostError extends CoreError {
  constructor(name: string, provider: string, full: boolean, cause: Error) {
    const what = full ? 'has no memory left' : 'was lost';
    const help = full
      ? 'a smaller batch needs less, and the provider "cpu" goes on without the card'
      : 'the provider "cpu" goes on without the card';
    super(
      'CARD_LOST',
      `training "${name}": the card (provider ${provider}) ${what}: ${cause.message.split('\n', 1)[0]}. ` +
        `The last checkpoint stands, and the same training goes on from it; ${help}`,
      { provider, full },
      cause,
    );
  }
}

/** Runs what needs the card. @throws {CardLostError} where it fails because of the card; other failures as they are. */
export async function onCard<T>(name: string, provider: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RuntimeFailure)) throw error;
    const full = FULL.test(error.message);
    if (full || LOST.test(error.message)) throw new CardLostError(name, provider, full, error);
    throw error;
  }
}
