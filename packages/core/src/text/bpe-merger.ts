/** Two neighbouring symbols that become one token. */
export type MergePair = readonly [left: string, right: string];

interface Word {
  symbols: string[];
  readonly count: number;
}

interface Candidate {
  readonly key: string;
  readonly pair: MergePair;
  readonly count: number;
}

/** Joins the halves of a pair; no symbol holds a space, since words are split on white space. */
const keyOf = (left: string, right: string): string => `${left} ${right}`;

/** A corpus under byte-pair merging: keeps every pair's count and the words it is in, so that a merge
 *  costs only the words it changes. The most frequent pair comes from a heap with out-of-date entries skipped. */
export class BpeMerger {
  readonly #words: Word[];
  readonly #counts = new Map<string, number>();
  readonly #places = new Map<string, Set<number>>();
  readonly #heap: Candidate[] = [];

  constructor(words: readonly { readonly symbols: readonly string[]; readonly count: number }[]) {
    this.#words = words.map(({ symbols, count }) => ({ symbols: [...symbols], count }));
    const touched = new Map<string, MergePair>();
    for (const index of this.#words.keys()) this.#count(index, 1, touched);
    for (const [key, pair] of touched) this.#push(key, pair);
  }

  /** Merges the most frequent pair everywhere and returns it; undefined when none occurs `minFrequency` times. */
  mergeBest(minFrequency: number): MergePair | undefined {
    for (let top = this.#pop(); top; top = this.#pop()) {
      if (this.#counts.get(top.key) !== top.count) continue;
      if (top.count < minFrequency) return undefined;
      this.#merge(top);
      return top.pair;
    }
    return undefined;
  }

  #merge({ key, pair: [left, right] }: Candidate): void {
    const touched = new Map<string, MergePair>();
    for (const index of [...(this.#places.get(key) ?? [])]) {
      const word = this.#words[index];
      if (!word) continue;
      this.#count(index, -1, touched);
      word.symbols = joinPair(word.symbols, left, right);
      this.#count(index, 1, touched);
    }
    for (const [changedKey, pair] of touched) this.#push(changedKey, pair);
  }

  /** Adds (1) or takes away (-1) one word's pairs, and notes which pairs changed. */
  #count(index: number, sign: 1 | -1, touched: Map<string, MergePair>): void {
    const word = this.#words[index];
    if (!word) return;
    for (let i = 0; i + 1 < word.symbols.length; i++) {
      const left = word.symbols[i] ?? '';
      const right = word.symbols[i + 1] ?? '';
      const key = keyOf(left, right);
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + sign * word.count);
      const places = this.#places.get(key) ?? new Set();
      if (sign === 1) places.add(index);
      else places.delete(index);
      this.#places.set(key, places);
      touched.set(key, [left, right]);
    }
  }

  #push(key: string, pair: MergePair): void {
    const count = this.#counts.get(key) ?? 0;
    if (count <= 0) return;
    const heap = this.#heap;
    let at = heap.length;
    heap.push({ key, pair, count });
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBetter(at, parent)) break;
      at = parent;
    }
  }

  #pop(): Candidate | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return top;
    heap[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const right = left + 1;
      const leftEntry = heap[left];
      const rightEntry = heap[right];
      if (!leftEntry) break;
      const child = rightEntry && isBetter(rightEntry, leftEntry) ? right : left;
      if (!this.#swapIfBetter(child, at)) break;
      at = child;
    }
    return top;
  }

  #swapIfBetter(child: number, parent: number): boolean {
    const a = this.#heap[child];
    const b = this.#heap[parent];
    if (!a || !b || !isBetter(a, b)) return false;
    this.#heap[parent] = a;
    this.#heap[child] = b;
    return true;
  }
}

/** More frequent first; equal counts by text, so that a tie never depends on insertion order. */
function isBetter(a: Candidate, b: Candidate): boolean {
  return a.count !== b.count ? a.count > b.count : a.key < b.key;
}

function joinPair(symbols: readonly string[], left: string, right: string): string[] {
  const joined: string[] = [];
  for (let i = 0; i < symbols.length; i++) {
    const symbol = symbols[i] ?? '';
    if (symbol === left && symbols[i + 1] === right) {
      joined.push(left + right);
      i++;
    } else joined.push(symbol);
  }
  return joined;
}
