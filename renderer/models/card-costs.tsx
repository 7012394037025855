/** What a run will take: memory and work, with the formula that says how the estimate was made. */

import prettyBytes from 'pretty-bytes';
import type { ModelCard } from '../../engine/protocol';

type Memory = NonNullable<ModelCard['memory']>;
type Step = NonNullable<ModelCard['step']>;

const PARTS = [
  ['weights', 'Weights'],
  ['prepacked', 'Prepacked copies'],
  ['cache', 'Key-value cache'],
  ['logits', "Prompt's logits"],
] as const;

export function MemoryEstimate({ memory }: { memory: Memory }) {
  return (
    <section aria-labelledby="memory-title">
      <h4 id="memory-title">Memory, estimated for a prompt of {memory.promptTokens} tokens</h4>
      <table className="card-table">
        <tbody>
          {PARTS.map(([part, name]) => (
            <tr key={part}>
              <th scope="row">{name}</th>
              <td className="card-table__bar" aria-hidden="true">
                <span style={{ width: `${memory.peak > 0 ? (100 * memory[part]) / memory.peak : 0}%` }} />
              </td>
              <td className="card-table__number">{prettyBytes(memory[part])}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={2}>
              At most
            </th>
            <td className="card-table__number">{prettyBytes(memory.peak)}</td>
          </tr>
        </tfoot>
      </table>
      <p className="model-card__formula">{memory.formula}</p>
    </section>
  );
}

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

export function StepCost({ step }: { step: Step }) {
  return (
    <section aria-labelledby="step-title">
      <h4 id="step-title">One step of SLOT</h4>
      <table className="card-table">
        <tbody>
          <tr>
            <th scope="row">Bytes read</th>
            <td className="card-table__number">{prettyBytes(step.bytes)}</td>
          </tr>
          <tr>
            <th scope="row">Multiply-adds</th>
            <td className="card-table__number">{COMPACT.format(step.multiplyAdds)}</td>
          </tr>
        </tbody>
      </table>
      <p className="model-card__formula">{step.formula}</p>
    </section>
  );
}
