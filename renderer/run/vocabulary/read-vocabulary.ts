/** A vocabulary page by page: all of it in one message would hold the page up while it is read. */
import type { EngineClient } from '../../engine/engine-client';

/** @returns token texts by id. Rejects with an EngineError. */
export async function readVocabulary(
  request: EngineClient['request'],
  runId: string,
): Promise<readonly string[]> {
  const tokens: string[] = [];
  for (;;) {
    const page = await request('vocabulary.read', { runId, from: tokens.length });
    for (const token of page.tokens) tokens.push(token);
    if (page.tokens.length === 0 || tokens.length >= page.total) return tokens;
  }
}
