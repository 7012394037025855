/** The page's entry: finds out which shell it runs in, ties engine, store and window together. */
import './app/content-policy';
import './ui/styles/layers.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app';
import { Boundary } from './app/boundary';
import { followTour } from './app/tour/marks';
import { createEngineClient } from './engine/engine-client';
import { detectShell } from './engine/shell';
import { createVectorReader } from './run/vocabulary/vector-reader';
import { createChat } from './state/chat';
import { readReport } from './state/diagnostics';
import { createEdits } from './state/edits';
import { createEngineControl } from './state/engine-control';
import { createEvaluations } from './state/evaluations';
import { watchIncidents } from './state/incidents';
import { createModels } from './state/models';
import { followOrders } from './state/orders';
import { createPrompts } from './state/prompts';
import { createRuns } from './state/runs';
import { createPersistentStore } from './state/store';
import { StudioProvider } from './state/studio-context';
import { followTheme } from './state/theme';
import { createToasts } from './state/toasts';
import { keepComposingKeys } from './ui/parts/composing-keys';
import './ui/styles/tokens.css';
import './ui/styles/base.css';
import './ui/parts/button.css';
import './ui/parts/field.css';
import './ui/parts/lane-colours.css';
import './ui/parts/sheet.css';
import './ui/parts/words.css';
import './ui/styles/states.css';
import './ui/styles/forced-colors.css';
import './ui/styles/print.css';

keepComposingKeys(window);
const shell = detectShell(window);
const store = createPersistentStore(window);
watchIncidents(window, store);
const client = createEngineClient(shell.transport);
const toasts = createToasts(store);
const runs = createRuns(client, store, toasts);
const vectors = createVectorReader(client.request);
const control = createEngineControl(client, store, {
  restartEngine: shell.restartEngine,
});
const models = createModels(client, store, control, toasts, shell);
const chat = createChat(store, control, async (runId) => (await runs.read(runId)).view);
const evaluations = createEvaluations(client, store, control, toasts);
const prompts = createPrompts(store, control, chat);
const edits = createEdits(store, () => performance.now());
const report = () => readReport(client, shell, store, navigator.userAgent);
followOrders(shell, { store, models, runs, evaluations, toasts });
followTheme(store, document.documentElement);
followTour(store);

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <StudioProvider
        studio={{
          shell,
          store,
          control,
          runs,
          toasts,
          models,
          vectors,
          chat,
          evaluations,
          edits,
          prompts,
          readReport: report,
        }}
      >
        <Boundary>
          <App />
        </Boundary>
      </StudioProvider>
    </StrictMode>,
  );
}
