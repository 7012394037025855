/** One token of the strip: its losses as bars, how much it learned as its colour, and whether the loss counts it. */
import { scopeWords, type TokenScope } from '../../run/prompt-scope';
import { number, signed } from '../../ui/text/format';

export interface Scale {
  readonly loss: number;
  readonly change: number;
  /** Of a token, the largest share of the loss. */
  readonly weight: number;
  /** The largest contribution to a token's shift, either way. */
  readonly part: number;
}

interface StripTokenProps {
  readonly text: string;
  readonly place: string;
  readonly was: number | undefined;
  readonly is: number | undefined;
  readonly scale: Scale;
  /** What it added to the shift of the token that is explained; null where none is. */
  readonly part: number | null;
  /** The same in words; '' where there are none. */
  readonly partWords: string;
  readonly scope: TokenScope | null;
  readonly isTold: boolean;
  readonly isBrushed: boolean;
  readonly style: { readonly left: number; readonly top: number; readonly width: number };
  readonly onEnter: () => void;
  readonly onDown: () => void;
}

/** By the square root, so that one hard token does not flatten all others. */
function barHeight(loss: number, largest: number): string {
  return `${Math.min(1, Math.sqrt(Math.max(0, loss) / largest)) * 100}%`;
}

export function StripToken(props: StripTokenProps) {
  const { text, place, was, is, scale, part, partWords, scope } = props;
  const { isTold, isBrushed, style, onEnter, onDown } = props;
  const isKnown = was !== undefined && is !== undefined;
  const change = isKnown ? is - was : 0;
  const depth = Math.sqrt(Math.min(1, Math.abs(change) / scale.change));
  const words = [scopeWords(scope), partWords].filter(Boolean).join(', ');
  const tint =
    part === null ? { isWorse: change > 0, opacity: isKnown ? depth * 0.6 : 0 } : tintOf(part, scale);
  const state = `${isTold ? ' strip__token--told' : ''}${isBrushed ? ' strip__token--brushed' : ''}`;
  // By the square root, so that small weights are seen too.
  const share = Math.sqrt(Math.max(scope?.weight ?? 0, scope?.heldOut ?? 0) / scale.weight);
  const counts = !scope || scope.weight > 0 ? 'learned' : scope.heldOut > 0 ? 'held-out' : 'left-out';
  return (
    <li
      className={`strip__token${state}`}
      data-part={counts}
      style={style}
      title={[isKnown ? `${text}: loss ${number(was)} → ${number(is)} (${signed(change)})` : text, words]
        .filter(Boolean)
        .join('; ')}
      // Not as it enters: what appears under a resting mouse would take the keyboard's place.
      onPointerMove={onEnter}
      onPointerDown={({ button, pointerType }) => {
        // A finger scrolls.
        if (button === 0 && pointerType !== 'touch') onDown();
      }}
    >
      <span className="strip__bars" aria-hidden="true">
        {isKnown && <i style={{ height: barHeight(was, scale.loss) }} />}
        {isKnown && <i className="strip__after" style={{ height: barHeight(is, scale.loss) }} />}
      </span>
      <span className="strip__text mono">
        {scope && <i className="strip__weight" style={{ opacity: share }} />}
        <i
          className={tint.isWorse ? 'strip__tint strip__tint--worse' : 'strip__tint'}
          style={{ opacity: tint.opacity }}
        />
        <span>{text}</span>
      </span>
      <span className="visually-hidden">
        {place}
        {isKnown && `, loss ${number(was)}, then ${number(is)}`}
        {words && `, ${words}`}
      </span>
    </li>
  );
}

function tintOf(part: number, scale: Scale) {
  return { isWorse: part < 0, opacity: 0.6 * Math.sqrt(Math.abs(part) / scale.part) };
}
