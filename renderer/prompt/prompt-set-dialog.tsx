/** Takes a list of prompts, pasted or from a file, and says what is wrong with it before it is used. */
import { Dialog } from 'radix-ui';
import { useMemo, useState } from 'react';
import { type ReadPrompts, readPrompts } from '../state/read-prompts';
import { useStudio } from '../state/studio-context';
import { DialogFrame } from '../toasts/dialog-frame';
import { FileButton } from '../ui/parts/file-button';
import { count } from '../ui/text/format';

/** Far more than a list may hold: what is larger is no list of prompts. */
const MAX_FILE_BYTES = 4_000_000;

const NOTHING_YET: ReadPrompts = { problem: '' };

export function PromptSetDialog() {
  const { prompts, toasts } = useStudio();
  const [text, setText] = useState('');
  const [file, setFile] = useState<string | null>(null);
  const read = useMemo(() => (text.trim() === '' ? NOTHING_YET : readPrompts(text, file)), [text, file]);
  const choose = (chosen: File) =>
    toasts.attempt(async () => {
      if (chosen.size > MAX_FILE_BYTES) throw new Error(`${chosen.name} is too large for a list of prompts`);
      setText(await chosen.text());
      setFile(chosen.name);
    });
  const begin = () => {
    if ('prompts' in read) prompts.begin(file ?? 'pasted', read.prompts);
  };
  return (
    <DialogFrame className="sheet" testId="prompt-set-dialog">
      <header className="sheet__head">
        <Dialog.Title className="sheet__title">A list of prompts</Dialog.Title>
        <FileButton
          text="File…"
          title="A .jsonl, .json, .csv or .txt file"
          label="File of prompts"
          testId="prompt-set-file"
          accept=".jsonl,.json,.csv,.tsv,.txt"
          onFiles={([chosen]) => chosen && void choose(chosen)}
        />
        <Dialog.Close className="button button--quiet prompt-set__close" aria-label="Close">
          ✕
        </Dialog.Close>
      </header>
      <div className="sheet__body prompt-set__body">
        <PasteField
          text={text}
          onChange={(next) => {
            setText(next);
            setFile(null);
          }}
        />
        <p
          className={'problem' in read ? 'field__problem' : undefined}
          role="status"
          data-testid="prompt-set-read"
        >
          {'problem' in read ? read.problem : `${count(read.prompts.length, 'prompt')} to step through.`}
        </p>
        <div>
          <button
            type="button"
            className="button button--primary"
            data-testid="prompt-set-begin"
            disabled={!('prompts' in read)}
            onClick={begin}
          >
            Begin
          </button>
        </div>
      </div>
    </DialogFrame>
  );
}

function PasteField({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  return (
    <>
      <label htmlFor="prompt-set-text">Prompts</label>
      <textarea
        id="prompt-set-text"
        data-testid="prompt-set-text"
        dir="auto"
        rows={12}
        value={text}
        aria-describedby="prompt-set-help"
        placeholder="One prompt a line"
        onChange={({ target }) => onChange(target.value)}
      />
      <p className="field__help" id="prompt-set-help">
        One a line; several lines each with lines of --- between them; JSON Lines with a field prompt,
        question or messages; CSV from a file, with a column of such a name. A field or column system is the
        system prompt.
      </p>
    </>
  );
}
