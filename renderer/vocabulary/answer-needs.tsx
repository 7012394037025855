/** What a metric of the answer needs: which token, or a pass over all of them, and why it cannot be had. */

import { useId } from 'react';
import { visibleToken } from '../../engine/protocol';
import { useStudio } from '../state/studio-context';
import { count, duration, sentence } from '../ui/text/format';
import type { AnswerReadings } from './use-answer';

export function AnswerNeeds({ source, answer }: { source: 'answer' | 'position'; answer: AnswerReadings }) {
  if (answer.index === null) return <p>This lane has not written an answer.</p>;
  return source === 'position' ? <PositionPicker answer={answer} /> : <AnswerMass answer={answer} />;
}

export function PositionPicker({ answer }: { answer: AnswerReadings }) {
  const { store } = useStudio();
  const { index, length, token, positionFailure } = answer;
  const id = useId();
  if (index === null) return null;
  return (
    <p className="answer-needs">
      <label htmlFor={id}>Answer token</label>
      <input
        id={id}
        type="number"
        className="answer-needs__index"
        data-testid="answer-position"
        min={1}
        max={length}
        value={index + 1}
        onChange={({ target }) => {
          const next = Math.trunc(target.valueAsNumber) - 1;
          if (next < 0 || next >= length) return;
          store.setState(({ pinned, shown: { runId } }) => ({
            answerPosition: { index: next, pinned, runId },
          }));
        }}
      />
      <span>of {length}:</span> <strong className="mono">{visibleToken(token ?? '', 24)}</strong>
      {positionFailure && (
        <span className="field__problem" role="alert">
          {sentence(positionFailure.message)} {positionFailure.hint}
        </span>
      )}
    </p>
  );
}

export function AnswerMass({ answer }: { answer: AnswerReadings }) {
  const { length, massState, massDone, massMs, massFailure, askMass, stopMass } = answer;
  return (
    <p className="answer-needs" role="status">
      {massState === 'unasked' && (
        <>
          <button
            type="button"
            className="button button--small"
            data-testid="ask-answer-mass"
            onClick={askMass}
          >
            Work out mass over the answer
          </button>
          <span>
            needs the model: a pass for each of {count(length, 'token')}
            {massMs !== null && massMs > 1000 && `, at most about ${duration(massMs)}`}
          </span>
        </>
      )}
      {massState === 'working' && (
        <>
          <progress aria-label="Working out the mass moved over the answer" value={massDone} max={length} />
          <span>
            {massDone} of {count(length, 'token')}
            {massMs !== null && massMs > 1000 && `; at most about ${duration(massMs)}`}
          </span>
          <button type="button" className="button button--small" onClick={stopMass}>
            Stop
          </button>
        </>
      )}
      {massState === 'done' && <span>Over {count(length, 'token')} of the answer.</span>}
      {massFailure && (
        <span className="field__problem" role="alert">
          {sentence(massFailure.message)} {massFailure.hint}
        </span>
      )}
    </p>
  );
}
