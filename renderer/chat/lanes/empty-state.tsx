/** What stands where the answers will be: what SLOT does, and how to see it. */

import { useKeyWords } from '../../keys/use-keys';
import { EXAMPLES } from '../../prompt/examples';
import { useAppState, useStudio } from '../../state/studio-context';
import { TOUR_BEGUN } from '../../state/window-state';

export function EmptyState() {
  const { store, prompts } = useStudio();
  const keys = useKeyWords();
  const [example] = EXAMPLES;
  return (
    <div className="empty-state" data-testid="empty-state">
      <TourOffer />
      <h2>What SLOT does to a prompt</h2>
      <ol>
        <li>
          The model reads the prompt once and keeps its <strong>last hidden states</strong>, right before the
          LM head.
        </li>
        <li>
          A few AdamW steps fit one vector, <strong>delta</strong>, added to all of them, so that the prompt's
          own tokens become more probable.
        </li>
        <li>
          The answer is written with delta added at every position. That shifts every logit: words such as{' '}
          <em>think</em> may rise, digits or the end token may fall.
        </li>
      </ol>
      <p>
        Press <kbd>Run</kbd> ({keys.of('run')}) to answer a prompt twice, without delta and with it, and watch
        loss, delta norm and token probabilities step by step.
      </p>
      <p>
        The starter model shows this in a second. Open others from a folder, or download them, in{' '}
        <button type="button" className="link" onClick={() => store.setState({ dialog: 'models' })}>
          Models
        </button>{' '}
        ({keys.of('models')}).
      </p>
      {example && (
        <button
          type="button"
          className="button"
          onClick={() => prompts.take({ ...example, promptKind: 'chat' })}
        >
          Fill in an example
        </button>
      )}
    </div>
  );
}

/** Once: whoever has taken the tour, or does not want it, finds it under Help. */
function TourOffer() {
  const { store } = useStudio();
  const isOffered = useAppState((state) => state.isTourOffered);
  if (!isOffered) return null;
  return (
    <section className="tour-offer" aria-label="A tour" data-testid="tour-offer">
      <p>
        <strong>New here?</strong> Five marks show what is where.
      </p>
      <button type="button" className="button button--primary" onClick={() => store.setState(TOUR_BEGUN)}>
        Show me
      </button>
      <button type="button" className="button" onClick={() => store.setState({ isTourOffered: false })}>
        No, thanks
      </button>
    </section>
  );
}
