/** What the engine found in the open model's folder. */
import type { ModelInfo } from '../../../engine/protocol';
import { grouped } from '../../ui/text/format';

export function ModelFacts({ model }: { model: ModelInfo }) {
  const head = [model.projection, ...model.tail].join(' → ');
  return (
    <dl className="model-facts">
      <dt>Folder</dt>
      <dd className="mono">{model.folder}</dd>
      <dt>Shape</dt>
      <dd>
        {model.layers} layers, hidden {grouped(model.hidden)}, vocabulary {grouped(model.vocab)}
        {model.contextLength !== null && `, context ${grouped(model.contextLength)} tokens`}
      </dd>
      <dt>Head</dt>
      <dd className="mono">{head}</dd>
      {model.server && (
        <>
          <dt>Server</dt>
          <dd data-testid="server-note">{model.server.message}</dd>
        </>
      )}
      {model.device.message !== null && (
        <>
          <dt>Device</dt>
          <dd data-testid="device-note">{model.device.message}</dd>
        </>
      )}
      {model.arithmetic.message !== null && (
        <>
          <dt>Arithmetic</dt>
          <dd data-testid="arithmetic-note">{model.arithmetic.message}</dd>
        </>
      )}
      {model.rounding && (
        <>
          <dt>Weights</dt>
          <dd data-testid="rounding-note">{model.rounding.message}</dd>
        </>
      )}
      <dt>Chat template</dt>
      <dd>{model.hasChatTemplate ? 'yes' : 'none: prompts are run as raw text'}</dd>
    </dl>
  );
}
