/** Somebody to dial. */
export interface DialTarget {
  /** Public prefixes of its addresses; none for a peer that is only reachable privately, or by name. */
  readonly prefixes: readonly string[];
  /** Named by the operator: first in line, and exempt from the bounds. */
  readonly isBootstrap: boolean;
}

export interface DialOrderOptions {
  /** How many to choose. */
  readonly count: number;
  /** Connections that this node has opened into a prefix. */
  readonly dialledTo: (prefix: string) => number;
  /** Of those, so many at most. */
  readonly maxPerPrefix: number;
  readonly random: () => number;
}

/**
 * Whom to dial next: bootstrap peers, then peers of prefixes with the fewest of this node's connections, by chance among
 * equals. So a stranger with a thousand peers in one place gets no more of them in than one with a single peer there, as
 * long as there are other places.
 */
export function chooseDials<T extends DialTarget>(targets: readonly T[], options: DialOrderOptions): T[] {
  const { count, dialledTo, maxPerPrefix, random } = options;
  const chosen = targets.filter(({ isBootstrap }) => isBootstrap).slice(0, count);
  const taken = new Map<string, number>();
  const load = ({ prefixes }: T): number =>
    prefixes.length === 0
      ? 0
      : Math.min(...prefixes.map((prefix) => dialledTo(prefix) + (taken.get(prefix) ?? 0)));
  const take = (target: T) => {
    for (const prefix of target.prefixes) taken.set(prefix, (taken.get(prefix) ?? 0) + 1);
  };
  for (const target of chosen) take(target);
  let rest = targets
    .filter(({ isBootstrap }) => !isBootstrap)
    .map((target) => ({ target, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ target }) => target);
  while (chosen.length < count && rest.length > 0) {
    const least = Math.min(...rest.map(load));
    if (least >= maxPerPrefix) break;
    const next = rest.find((target) => load(target) === least);
    if (next === undefined) break;
    chosen.push(next);
    take(next);
    rest = rest.filter((target) => target !== next);
  }
  return chosen;
}
