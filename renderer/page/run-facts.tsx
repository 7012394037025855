/** The left pane of a page: what the run was asked and with which settings. */
import { describeLearning, describeOrigin, describeTemplate, readableText } from '../../engine/protocol';
import type { RunView } from '../run/run-view';
import { ABSENT, generationLines, modelLines, promptLines, type SettingText } from '../run/setting-lines';
import { useShownRun } from '../state/use-shown-run';
import './page.css';

export function RunFacts() {
  const run = useShownRun((shown) => shown);
  const { config, prompt } = run;
  return (
    <section className="pane prompt-pane run-facts" aria-label="Prompt and settings">
      {config && <Facts title="What was asked" lines={asked(promptLines(config.prompt))} />}
      <Facts title="Settings" lines={settings(run)} />
      {prompt && (
        <details>
          <summary>The prompt as the model read it, {prompt.ids.length} tokens</summary>
          <pre className="run-facts__text" dir="auto">
            {readableText(prompt.text)}
          </pre>
        </details>
      )}
      <p className="muted">
        SLOT (arXiv 2505.12392) learns one vector, delta, from the prompt alone and adds it to the model’s
        last hidden states. The slider below moves all charts to the delta after each step.
      </p>
    </section>
  );
}

function Facts({ title, lines }: { title: string; lines: readonly SettingText[] }) {
  return (
    <>
      <h2>{title}</h2>
      <dl className="run-facts__lines">
        {lines.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="run-facts__text" dir="auto">
              {readableText(text)}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function asked(lines: readonly SettingText[]): SettingText[] {
  return lines.filter(([, text]) => text !== ABSENT);
}

function settings({ model, config, lanes }: RunView): SettingText[] {
  const template = config ? describeTemplate(config.template) : '';
  return [
    ...(model ? modelLines(model) : []),
    ...lanes.map((lane): SettingText => [`lane ${lane.name}`, laneWords(lane)]),
    ...(template === '' ? [] : [['template variables', template] as SettingText]),
    ...(config ? generationLines(config) : []),
  ];
}

function laneWords({ settings: lane }: RunView['lanes'][number]): string {
  if (lane.steps === 0) return 'no delta';
  const delta = lane.origin.kind === 'own' ? [] : [describeOrigin(lane.origin)];
  return [...delta, `${lane.steps} × ${lane.lr}`, lane.preset, ...describeLearning(lane)].join(', ');
}
