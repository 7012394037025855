/** Milliseconds since the call. */
export function clock(): () => number {
  const started = performance.now();
  return () => performance.now() - started;
}
