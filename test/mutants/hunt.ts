/** A seed that failed, and what it says. */
export interface Found {
  readonly seed: number;
  readonly violation: string;
}

export interface Ground {
  /** The first of these seeds that fails with the mistake. */
  mutated(from: number): Promise<Found | undefined>;
  /** What the seed says without it. */
  plain(seed: number): Promise<Found | undefined>;
  /** Told of a seed that fails without it too. */
  tell(text: string): void;
}

/** The first seed that fails because of a mistake: one that fails without it says nothing of it. */
export async function hunt(seeds: number, ground: Ground): Promise<Found | undefined> {
  for (let from = 1; from <= seeds; ) {
    const found = await ground.mutated(from);
    if (found === undefined) return undefined;
    const { seed } = found;
    const plain = await ground.plain(seed);
    if (plain === undefined) return found;
    ground.tell(`seed ${seed} fails without a mistake too: ${plain.violation}`);
    from = seed + 1;
  }
  return undefined;
}
