/** Asks for the next value while the one before is being worked on, so that a producer and its consumer overlap.
 *  Holds one finished value at a time. Errors of the producer come out where its value would have. */
export async function* readAhead<T>(values: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = ask(values);
  try {
    for (;;) {
      const result = await next;
      if ('error' in result) throw result.error;
      if (result.done) return;
      next = ask(values);
      yield result.value;
    }
  } finally {
    // A consumer that stops early leaves a value under way behind it.
    await next;
    await values.return(undefined);
  }
}

type Asked<T> = { done: true } | { done: false; value: T } | { error: unknown };

// The error travels as a value, because nobody awaits the promise yet when it may be rejected.
const ask = async <T>(values: AsyncGenerator<T>): Promise<Asked<T>> => {
  try {
    const { done, value } = await values.next();
    return done ? { done: true } : { done: false, value: value as T };
  } catch (error) {
    return { error };
  }
};
