/** Takes an event from each generator in turn until all are over, so that lanes of different prompts stream together. */
export async function* interleave<T>(
  generators: readonly AsyncGenerator<T, void>[],
): AsyncGenerator<T, void> {
  const running = new Set(generators);
  while (running.size > 0) {
    for (const generator of running) {
      const { done, value } = await generator.next();
      if (done) running.delete(generator);
      else yield value;
    }
  }
}
