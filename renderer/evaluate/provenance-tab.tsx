/** What makes a job's result again: the command, the versions, the files and their hashes. */
import type { JobInfo, Provenance } from '../../engine/protocol';
import { useStudio } from '../state/studio-context';
import { grouped } from '../ui/text/format';
import { ReadingProblem } from './reading-problem';
import { useSummary } from './use-job';

export function ProvenanceTab({ job }: { job: JobInfo }) {
  const reading = useSummary(job);
  const provenance = reading.value?.provenance;
  if (!reading.value) return <ReadingProblem reading={reading} what="Reading where it comes from…" />;
  if (!provenance) return <p className="muted">It was imported without a word of where it comes from.</p>;
  return (
    <div className="provenance" data-testid="provenance">
      <Command text={provenance.command} />
      <Facts provenance={provenance} job={job} />
      <h3>Files of the model</h3>
      <table className="figures-table">
        <thead>
          <tr>
            <th scope="col">file</th>
            <th scope="col">bytes</th>
            <th scope="col">SHA-256</th>
          </tr>
        </thead>
        <tbody>
          {provenance.model.files.map(({ path, bytes, sha256 }) => (
            <tr key={path}>
              <th scope="row">{path}</th>
              <td>{grouped(bytes)}</td>
              <td className="mono provenance__hash">{sha256}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Command({ text }: { text: string }) {
  const { shell, toasts } = useStudio();
  const copy = () =>
    toasts.attempt(async () => {
      await shell.copyText(text);
      toasts.say('Copied the command.');
    });
  return (
    <section aria-label="Command">
      <h3>The command that does the same</h3>
      <pre className="provenance__command">{text}</pre>
      <button type="button" className="button" data-testid="copy-command" onClick={() => void copy()}>
        Copy the command
      </button>
    </section>
  );
}

function Facts({ provenance, job }: { provenance: Provenance; job: JobInfo }) {
  const { app, onnxruntime, node, platform, model, server, concurrency, dataset, graders } = provenance;
  const facts: readonly (readonly [string, string])[] = [
    ['Model', `${model.id}, ${model.dtype}`],
    ...(server ? [['Server', `${server.message}; ${server.model} ${server.weights}`] as const] : []),
    ...(concurrency ? [['Answers asked of it', concurrency.message] as const] : []),
    ['Data', `${dataset.source}${dataset.total === null ? '' : `, ${grouped(dataset.total)} problems`}`],
    ['SHA-256 of the problems asked', dataset.sha256],
    ['Gold answer', dataset.gold],
    ['Licence', dataset.licence],
    ['Graders', graders.map(({ name, version }) => `${name} ${version}`).join(', ')],
    ['Seed', String(job.config.generation.seed)],
    ['SLOT Studio', app],
    ['onnxruntime', onnxruntime],
    ['Node.js', `${node}, ${platform}`],
  ];
  return (
    <dl className="provenance__facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt className="muted">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
