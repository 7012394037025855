/** Adds a server: where it is, the same model on this machine, and the key that it may ask for. */
import { type ComponentProps, type FormEvent, useId, useState } from 'react';
import { type Failure, ServerAddress } from '../../engine/protocol';
import { useAppState, useStudio } from '../state/studio-context';
import { Problem } from '../ui/parts/problem';

const KEPT_KEY = 'Kept encrypted with this system’s keychain, and sent to this address alone.';
const FORGOTTEN_KEY = 'Sent to this address alone, and forgotten when the engine ends.';
const NOTHING = { address: '', head: '', key: '' };

export function AddServer({ onDone }: { onDone: () => void }) {
  const { models, shell } = useStudio();
  const [typed, setTyped] = useState(NOTHING);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isAsking, setAsking] = useState(false);
  const list = useId();
  const address = addressOf(typed.address);
  const isAddress = ServerAddress.safeParse(address).success;
  const head = typed.head.trim();
  const field = (name: keyof typeof NOTHING) => ({
    value: typed[name],
    onChange: ({ target }: { target: HTMLInputElement }) => setTyped({ ...typed, [name]: target.value }),
  });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setAsking(true);
    const wrong = await models.addServer({ address, head, key: typed.key || null });
    setAsking(false);
    setFailure(wrong);
    if (!wrong) onDone();
  };

  return (
    <form className="add-server" onSubmit={(event) => void submit(event)} data-testid="server-form">
      <Field
        label="Address"
        placeholder="http://127.0.0.1:8080"
        help="Of llama.cpp’s server, started with --embeddings --pooling none, or of vLLM with SLOT Studio’s plugin."
        aria-invalid={typed.address !== '' && !isAddress}
        {...field('address')}
      />
      <Field
        label="The model that it runs, on this machine"
        placeholder="a .gguf file, a folder, a hub id or hub:organisation/name"
        help="Its head is used here; its layers stay on the server. With hub: before its id, the head alone is fetched."
        list={list}
        {...field('head')}
      />
      <KnownModels id={list} />
      <Field
        label="Key, where it asks for one"
        type="password"
        help={shell.keepServerKey ? KEPT_KEY : FORGOTTEN_KEY}
        {...field('key')}
      />
      <Buttons isReady={isAddress && head !== '' && !isAsking} isAsking={isAsking} onCancel={onDone} />
      {failure && (
        <Problem message={failure.message} hint={failure.hint} code={failure.code} testId="server-error" />
      )}
    </form>
  );
}

interface ButtonsProps {
  readonly isReady: boolean;
  readonly isAsking: boolean;
  readonly onCancel: () => void;
}

function Buttons({ isReady, isAsking, onCancel }: ButtonsProps) {
  return (
    <div className="add-folder__row">
      <button type="submit" className="button button--primary" disabled={!isReady}>
        {isAsking ? 'Asking…' : 'Add'}
      </button>
      <button type="button" className="button" onClick={onCancel}>
        Cancel
      </button>
    </div>
  );
}

function Field({ label, help, ...input }: ComponentProps<'input'> & { label: string; help: string }) {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="mono"
        spellCheck={false}
        autoComplete="off"
        aria-describedby={`${id}-help`}
        {...input}
      />
      <p id={`${id}-help`} className="field__help">
        {help}
      </p>
    </>
  );
}

function KnownModels({ id }: { id: string }) {
  const entries = useAppState((state) => state.models.entries) ?? [];
  return (
    <datalist id={id}>
      {entries.flatMap(({ model, name }) =>
        model === null ? [] : [<option key={model} value={model} label={name} />],
      )}
    </datalist>
  );
}

/** A scheme is what people leave out. */
function addressOf(text: string): string {
  const written = text.trim();
  return /^[a-z]+:\/\//i.test(written) || written === '' ? written : `http://${written}`;
}
