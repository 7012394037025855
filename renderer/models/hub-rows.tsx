/** Models on the hub: as a search finds them, and as the curated list has them. Both lead to the card. */

import prettyBytes from 'pretty-bytes';
import type { ReactNode } from 'react';
import type { CuratedModel, HubModel, ModelFormat } from '../../engine/protocol';
import { useAppState, useStudio } from '../state/studio-context';
import './model-row.css';

const FORMATS: Readonly<Record<ModelFormat, string>> = {
  onnx: 'ONNX',
  safetensors: 'safetensors',
  gguf: 'GGUF',
};

export function FoundRow({ model }: { model: HubModel }) {
  const facts = [
    ...model.formats.map((format) => FORMATS[format]),
    `${compact(model.downloads)} downloads`,
    `${compact(model.likes)} likes`,
    `updated ${model.updatedAt.slice(0, 10)}`,
  ];
  return (
    <HubRow id={model.id} name={model.id}>
      <p className="model-row__facts">
        {facts.join(' · ')}
        {model.gated && <span className="warn"> · its licence must be accepted on the hub</span>}
      </p>
    </HubRow>
  );
}

export function CuratedRow({ model }: { model: CuratedModel }) {
  const { id, name, family, parameters, licence, dtypes } = model;
  return (
    <HubRow id={id} name={name}>
      <p className="model-row__facts">
        {id} · {family} · {parameters.toPrecision(2)} B parameters · {licence}
      </p>
      <ul className="model-row__dtypes" aria-label={`Estimated sizes of ${name}`}>
        {dtypes.map(({ dtype, bytes: size }) => (
          <li key={dtype}>
            <span className="mono">{dtype}</span> ≈ {prettyBytes(size)}
          </li>
        ))}
      </ul>
    </HubRow>
  );
}

function HubRow({ id, name, children }: { id: string; name: string; children: ReactNode }) {
  const { models } = useStudio();
  const isShown = useAppState((state) => state.models.shown?.subject.model === id);
  const isHere = useAppState((state) => state.models.entries?.some(({ model }) => model === id) ?? false);
  return (
    <li className="model-row" data-testid="hub-row" data-shown={isShown}>
      <div className="model-row__main">
        <button
          type="button"
          className="model-row__name"
          aria-current={isShown}
          onClick={() => void models.inspect({ model: id, dtype: null })}
        >
          {name}
        </button>
        {isHere && <span className="model-row__mark">on this machine</span>}
        {children}
      </div>
    </li>
  );
}

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact' });

function compact(amount: number): string {
  return COMPACT.format(amount);
}
