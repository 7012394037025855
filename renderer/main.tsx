/** The page's entry: finds out which shell it runs in, ties engine, store and window together. */
import './content-policy';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './components/app';
import { StudioProvider } from './components/studio-context';
import { keepComposingKeys } from './composing-keys';
import { createEngineClient } from './engine-client';
import { detectShell } from './shell';
import { createChat } from './state/chat';
import { createLibrary } from './state/library';
import { createModels } from './state/models';
import { createSession } from './state/session';
import { createPersistentStore } from './state/store';
import { followTheme } from './state/theme';
import { createVectorReader } from './vocabulary/vector-reader';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/forced-colors.css';
import './styles/print.css';

keepComposingKeys(window);
const shell = detectShell(window);
const store = createPersistentStore(window);
const client = createEngineClient(shell.transport);
const library = createLibrary(client, store);
const vectors = createVectorReader(client.request);
const session = createSession(client, store, {
  restartEngine: shell.restartEngine,
});
const models = createModels(client, store, session, library, shell);
const chat = createChat(store, session, async (runId) => (await library.read(runId)).view);
followTheme(store, document.documentElement);

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <StudioProvider studio={{ shell, store, session, library, models, vectors, chat }}>
        <App />
      </StudioProvider>
    </StrictMode>,
  );
}
