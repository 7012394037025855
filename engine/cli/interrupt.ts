/** Ctrl+C, a terminal that is closed, and what service managers and `timeout` send: all end the work in hand, cleanly. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** @returns what leaves them to the system again */
export function onInterrupt(act: () => void): () => void {
  for (const signal of SIGNALS) process.on(signal, act);
  return () => {
    for (const signal of SIGNALS) process.off(signal, act);
  };
}
