/** A model's card: whether it can be run and how, what it is, and what it will cost, before anything large is read. */

import prettyBytes from 'pretty-bytes';
import type { ModelCard } from '../../engine/protocol';
import { useStudio } from '../state/studio-context';
import { ProblemCode } from '../ui/parts/problem';
import { Segmented } from '../ui/parts/segmented';
import { sentence, timeLeft } from '../ui/text/format';
import { CardAction } from './card-action';
import { MemoryEstimate, StepCost } from './card-costs';
import { CardFiles } from './card-files';
import { CardInputs } from './card-inputs';
import { HeadChain } from './head-chain';
import './model-card.css';
import './model-facts.css';

export function ModelCardView({ card }: { card: ModelCard }) {
  const { models } = useStudio();
  const { source, model, name, dtype, dtypes } = card;
  return (
    <article className="model-card">
      <header className="model-card__head">
        <h3 className="model-card__name">{name}</h3>
        <p className="model-row__facts mono">{card.folder ?? <HubPage id={name} />}</p>
      </header>
      <div className="model-card__choice">
        <Segmented
          label="Weights"
          value={dtype}
          choices={dtypes.map((each) => ({
            value: each.dtype,
            text: `${each.dtype} · ${prettyBytes(each.bytes)}`,
          }))}
          onChange={(next) => void models.inspect({ model, dtype: next, onHub: source === 'hub' })}
        />
        <CardAction card={card} />
      </div>
      <Verdict card={card} />
      {card.preparation && <Preparation preparation={card.preparation} />}
      {card.chain.length > 0 && <HeadChain chain={card.chain} />}
      <div className="model-card__columns">
        <ModelShape card={card} />
        {card.memory && <MemoryEstimate memory={card.memory} />}
        {card.step && <StepCost step={card.step} />}
        <CardFiles files={card.files} isOnHub={source === 'hub'} />
        {card.inputs.length > 0 && <CardInputs inputs={card.inputs} />}
      </div>
      {source === 'hub' && (
        <p className="muted">Read over the network for this card: {prettyBytes(card.fetched)}.</p>
      )}
    </article>
  );
}

function Verdict({ card: { refusal, dtype } }: { card: ModelCard }) {
  if (!refusal) {
    return (
      <p className="verdict verdict--supported" data-testid="verdict">
        <strong>
          <span aria-hidden="true">✓ </span>Supported.
        </strong>{' '}
        SLOT runs on this head as it is.
      </p>
    );
  }
  return (
    <p className="verdict verdict--refused" data-testid="verdict">
      <strong>
        <span aria-hidden="true">✕ </span>Not supported with {dtype}.
      </strong>{' '}
      {sentence(refusal.message)} {refusal.hint}
      <ProblemCode code={refusal.code} />
    </p>
  );
}

function Preparation({
  preparation: { bytes, seconds, loss },
}: {
  preparation: NonNullable<ModelCard['preparation']>;
}) {
  const size = prettyBytes(bytes);
  return (
    <p className="muted" data-testid="preparation">
      {seconds === 0
        ? `Prepared: ${size} in the app's own folder.`
        : `Its weights are prepared once, when it is first opened: about ${timeLeft(seconds)}, ${size} in the app's own folder.`}
      {loss !== null && ` ${sentence(loss)}`}
    </p>
  );
}

function ModelShape({ card }: { card: ModelCard }) {
  const rows = [
    ['Family', card.family],
    ['Layers', card.layers?.toLocaleString('en')],
    ['Hidden size', card.hidden?.toLocaleString('en')],
    ['Vocabulary', card.vocab && `${card.vocab.toLocaleString('en')} tokens`],
    ['Context', card.contextLength && `${card.contextLength.toLocaleString('en')} tokens`],
    ['Projection', card.projection],
    ['Chat template', templateLine(card)],
  ] as const;
  return (
    <section>
      <h4>Shape</h4>
      <dl className="model-facts">
        {rows.map(([term, value]) => (
          <div key={term} className="model-facts__row">
            <dt>{term}</dt>
            <dd>{value ?? <span className="muted">not said</span>}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Only of the hub itself: a mirror's pages may be anywhere. */
function HubPage({ id }: { id: string }) {
  const url = `https://huggingface.co/${id}`;
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {url}
    </a>
  );
}

function templateLine({ hasChatTemplate, templateRefusal }: ModelCard): string {
  if (!hasChatTemplate) return 'none: prompts are run as raw text';
  return templateRefusal === null ? 'yes' : `yes, but it ${templateRefusal}`;
}
