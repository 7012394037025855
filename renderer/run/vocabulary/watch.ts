/** The tokens that the user follows, kept for each model by text and id. */
import { z } from 'zod';

export const WatchedToken = z.object({
  model: z.string(),
  id: z.int().min(0),
  token: z.string().max(10_000),
});
export type WatchedToken = z.infer<typeof WatchedToken>;

export const MAX_WATCHED = 200;

export function isWatched(watched: readonly WatchedToken[], model: string, id: number): boolean {
  return watched.some((each) => each.model === model && each.id === id);
}

/** The list with the token added, or taken off where it was on it. A full list forgets its oldest. */
export function toggleWatched(watched: readonly WatchedToken[], token: WatchedToken): WatchedToken[] {
  const others = watched.filter(({ model, id }) => model !== token.model || id !== token.id);
  return others.length < watched.length ? others : [...others, token].slice(-MAX_WATCHED);
}

/**
 * The watched tokens of a model as its vocabulary has them now. A model exported anew may number its tokens
 * differently; the text is what was meant.
 */
export function resolveWatched(
  watched: readonly WatchedToken[],
  model: string,
  tokens: readonly string[] | null,
): WatchedToken[] {
  const own = watched.filter((each) => each.model === model);
  if (tokens === null) return own;
  return own.flatMap((each) => {
    if (tokens[each.id] === each.token) return [each];
    const id = tokens.indexOf(each.token);
    return id === -1 ? [] : [{ ...each, id }];
  });
}
