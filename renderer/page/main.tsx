/** The entry of a page that carries runs or an evaluation: the window's own views over them, without an engine. */
import '../app/content-policy';
import '../ui/styles/layers.css';
import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createEngineClient } from '../engine/engine-client';
import { bareShell } from '../engine/shell';
import { type PageContent, readPage } from '../export/page-file';
import { createVectorReader } from '../run/vocabulary/vector-reader';
import { createChat } from '../state/chat';
import { readReport } from '../state/diagnostics';
import { createEdits } from '../state/edits';
import { createEngineControl } from '../state/engine-control';
import { createEvaluations } from '../state/evaluations';
import { createModels } from '../state/models';
import { createPrompts } from '../state/prompts';
import { createRuns } from '../state/runs';
import { createAppStore } from '../state/store';
import { StudioProvider } from '../state/studio-context';
import { followTheme } from '../state/theme';
import { createToasts } from '../state/toasts';
import { Problem } from '../ui/parts/problem';
import { embeddedEngine } from './embedded-engine';
import { answersOfEvaluation } from './embedded-evaluation';
import { answersOfRuns } from './embedded-runs';
import { EvaluationPage } from './evaluation-page';
import { RunsPage } from './runs-page';
import '../ui/styles/tokens.css';
import '../ui/styles/base.css';
import '../ui/parts/button.css';
import '../ui/parts/field.css';
import '../ui/parts/lane-colours.css';
import '../ui/parts/sheet.css';
import '../ui/parts/words.css';
import '../ui/styles/states.css';
import '../ui/styles/forced-colors.css';
import '../ui/styles/print.css';

async function open(content: PageContent): Promise<ReactNode> {
  const answers = content.kind === 'runs' ? answersOfRuns(content.runs) : answersOfEvaluation(content);
  const shell = bareShell(window, embeddedEngine(answers));
  const store = createAppStore();
  const client = createEngineClient(shell.transport);
  const toasts = createToasts(store);
  const runs = createRuns(client, store, toasts);
  const control = createEngineControl(client, store, { restartEngine: shell.restartEngine });
  const chat = createChat(store, control, async (runId) => (await runs.read(runId)).view);
  const studio = {
    shell,
    store,
    control,
    runs,
    toasts,
    models: createModels(client, store, control, toasts, shell),
    vectors: createVectorReader(client.request),
    chat,
    prompts: createPrompts(store, control, chat),
    evaluations: createEvaluations(client, store, control, toasts),
    edits: createEdits(store, () => performance.now()),
    readReport: () => readReport(client, shell, store, navigator.userAgent),
  };
  followTheme(store, document.documentElement);
  if (content.kind === 'runs') await runs.reopen(content.runs[0]!.summary.runId);
  return (
    <StudioProvider studio={studio}>
      {content.kind === 'runs' ? (
        <RunsPage summaries={content.runs.map(({ summary }) => summary)} />
      ) : (
        <EvaluationPage job={content.job} />
      )}
    </StudioProvider>
  );
}

const root = createRoot(document.getElementById('root')!);
readPage(document)
  .then(open)
  .then(
    (page) => root.render(<StrictMode>{page}</StrictMode>),
    (thrown: unknown) => root.render(<Problem message={(thrown as Error).message} hint="" />),
  );
