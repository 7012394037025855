/** Servers that models run on: how each stands, opening and forgetting one, and the way to add another. */
import { useId, useState } from 'react';
import type { ServerEntry, ServerStatus } from '../../engine/protocol';
import { useAppState, useStudio } from '../state/studio-context';
import { Problem } from '../ui/parts/problem';
import { grouped } from '../ui/text/format';
import { AddServer } from './add-server';
import { useOpenObstacle } from './use-open-obstacle';
import './model-row.css';

export function ServersSection() {
  const id = useId();
  const servers = useAppState((state) => state.models.servers) ?? [];
  const [isAdding, setAdding] = useState(false);
  return (
    <section aria-labelledby={id} data-testid="servers">
      <h3 id={id} className="models__source">
        Servers
      </h3>
      {servers.length > 0 && (
        <ul className="models__list">
          {servers.map((server) => (
            <ServerRow key={server.address} server={server} />
          ))}
        </ul>
      )}
      {isAdding ? (
        <AddServer onDone={() => setAdding(false)} />
      ) : (
        <p className="models__more">
          <button type="button" className="button" data-testid="add-server" onClick={() => setAdding(true)}>
            Add a server…
          </button>{' '}
          <span className="muted">A large model’s layers can run on llama.cpp’s server or vLLM.</span>
        </p>
      )}
    </section>
  );
}

function ServerRow({ server }: { server: ServerEntry }) {
  const { models } = useStudio();
  const { address, head } = server;
  const status = useAppState((state) => state.models.statuses[address]);
  const isOpen = useAppState(
    ({ model, modelChoice }) => model.state === 'open' && modelChoice.server === address,
  );
  const isBaseline = useAppState(({ modelChoice }) => modelChoice.baselineServer === address);
  const { host } = new URL(address);
  return (
    <li className="model-row" data-testid="server-row">
      <div className="model-row__main">
        <span className="model-row__title">{host}</span>
        {isOpen && <span className="model-row__mark">open</span>}
        {isBaseline && <span className="model-row__mark">answers baselines</span>}
        <Standing status={status} hasKey={server.hasKey} />
        <p className="model-row__facts mono">head: {head}</p>
      </div>
      <div className="model-row__actions">
        <OpenServer server={server} />
        <AnswerBaseline server={server} isBaseline={isBaseline} />
        <button
          type="button"
          className="button button--quiet"
          aria-label={`Check ${host}`}
          disabled={status === 'asking'}
          onClick={() => void models.checkServer(address)}
        >
          Check
        </button>
        <button
          type="button"
          className="button button--quiet"
          aria-label={`Take ${host} off the list`}
          title="Take it off the list, and forget its key"
          onClick={() => void models.forgetServer(address)}
        >
          Forget
        </button>
      </div>
    </li>
  );
}

function Standing({ status, hasKey }: { status: ServerStatus | 'asking' | undefined; hasKey: boolean }) {
  if (status === undefined || status === 'asking') return <p className="model-row__facts">Asking…</p>;
  const { about, latency, problem } = status;
  if (problem)
    return (
      <Problem message={problem.message} hint={problem.hint} code={problem.code} testId="server-problem" />
    );
  if (!about) return null;
  const facts = [
    `${about.engine} ${about.version}`.trim(),
    about.weights,
    `context ${grouped(about.contextLength)}`,
    `reads ${grouped(about.longestRead)} tokens at once`,
    `${about.slots} at a time`,
    latency === null ? '' : `answers in ${Math.max(1, Math.round(latency))} ms`,
    hasKey ? 'with a key' : '',
  ];
  return (
    <>
      <p className="model-row__facts" data-testid="server-facts">
        {facts.filter(Boolean).join(' · ')}
      </p>
      <p className="model-row__facts mono">{about.model}</p>
    </>
  );
}

function OpenServer({ server: { address, head } }: { server: ServerEntry }) {
  const { models } = useStudio();
  const obstacle = useOpenObstacle();
  return (
    <button
      type="button"
      className="button"
      aria-label={`Open ${new URL(address).host}`}
      disabled={obstacle !== null}
      title={obstacle ?? 'Open it for runs'}
      onClick={() => void models.openOnServer(head, address)}
    >
      Open
    </button>
  );
}

/** For a server beside the one that the open model runs on. */
function AnswerBaseline({ server: { address }, isBaseline }: { server: ServerEntry; isBaseline: boolean }) {
  const { models } = useStudio();
  const obstacle = useOpenObstacle();
  const first = useAppState(({ modelChoice }) => modelChoice.server);
  if (first === undefined || first === address) return null;
  return (
    <button
      type="button"
      className="button"
      aria-label={`Answer baselines on ${new URL(address).host}`}
      aria-pressed={isBaseline}
      disabled={obstacle !== null}
      title={
        obstacle ?? 'It runs the same model: lanes without a shift are answered here, the others beside them'
      }
      onClick={() => void models.answerBaselineOn(isBaseline ? null : address)}
    >
      Baselines
    </button>
  );
}
