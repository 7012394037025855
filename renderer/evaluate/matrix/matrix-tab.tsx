/** Problems × lanes: what each lane made of each problem, narrowed by what became of it and by words. */
import { useDeferredValue, useMemo, useState } from 'react';
import type { JobInfo, Result } from '../../../engine/protocol';
import { grouped } from '../../ui/text/format';
import { ReadingProblem } from '../reading-problem';
import { useMatrix } from '../use-job';
import { countFates, FATE_WORDS, FATES, filterRows, type MatrixFilter } from './filter';
import { MatrixTable } from './matrix-table';
import './matrix.css';

export function MatrixTab({ job }: { job: JobInfo }) {
  const reading = useMatrix(job);
  if (!reading.value) return <ReadingProblem reading={reading} what="Reading the problems…" />;
  return <Matrix job={job} matrix={reading.value} />;
}

function Matrix({ job, matrix }: { job: JobInfo; matrix: Result<'evaluations.matrix'> }) {
  const [fate, setFate] = useState<MatrixFilter['fate']>(null);
  const [lane, setLane] = useState('');
  const [text, setText] = useState('');
  const typed = useDeferredValue(text);
  const { lanes, rows } = matrix;
  const baseline = Math.max(0, lanes.indexOf(job.config.lanes.find(({ steps }) => steps === 0)?.name ?? ''));
  const columns = useMemo(() => {
    const others = lanes.map((_, column) => column).filter((column) => column !== baseline);
    return lane === '' ? others : others.filter((column) => lanes[column] === lane);
  }, [lanes, baseline, lane]);
  const counts = useMemo(() => countFates(rows, { columns, baseline }), [rows, columns, baseline]);
  const found = useMemo(
    () => filterRows(rows, { fate, columns, baseline, text: typed }),
    [rows, fate, columns, baseline, typed],
  );
  return (
    <>
      <div className="matrix-filters">
        <fieldset className="matrix-filters__fates" aria-label="What became of the problem">
          {FATES.map((each) => (
            <button
              key={each}
              type="button"
              className="fate"
              data-testid={`fate-${each}`}
              aria-pressed={fate === each}
              onClick={() => setFate(fate === each ? null : each)}
            >
              {FATE_WORDS[each]} {grouped(counts[each])}
            </button>
          ))}
        </fieldset>
        <select aria-label="In which lane" value={lane} onChange={({ target }) => setLane(target.value)}>
          <option value="">in any lane</option>
          {lanes.map(
            (name, column) => column !== baseline && <option key={name} value={name}>{`in ${name}`}</option>,
          )}
        </select>
        <input
          type="search"
          data-testid="matrix-search"
          placeholder="Find in questions"
          aria-label="Find in questions"
          spellCheck={false}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <span className="muted" role="status" data-testid="matrix-count">
          {found.length === rows.length
            ? `${grouped(rows.length)} problems`
            : `${grouped(found.length)} of ${grouped(rows.length)} problems`}
        </span>
      </div>
      <MatrixTable rows={found} lanes={lanes} baseline={baseline} />
    </>
  );
}
