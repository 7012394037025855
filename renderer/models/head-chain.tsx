/** The head as it was found: the operations from the last hidden states to the logits, in their order. */

export function HeadChain({ chain }: { chain: readonly string[] }) {
  return (
    <section aria-labelledby="chain-title">
      <h4 id="chain-title">From the last hidden states to the logits</h4>
      <ol className="head-chain" data-testid="chain">
        {chain.map((label, index) => (
          // An operation may occur twice.
          // biome-ignore lint/suspicious/noArrayIndexKey: a chain never changes its order
          <li key={index} className={`head-chain__node head-chain__node--${kindOf(index, chain.length)}`}>
            <span>{label}</span>
          </li>
        ))}
      </ol>
      <p className="visually-hidden">delta is added to the hidden states.</p>
    </section>
  );
}

/** Ends, the projection right after the hidden states, and the elementwise rest. */
function kindOf(index: number, length: number): 'end' | 'projection' | 'tail' {
  if (index === 0 || index === length - 1) return 'end';
  return index === 1 ? 'projection' : 'tail';
}
