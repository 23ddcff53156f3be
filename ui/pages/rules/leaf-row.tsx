import type { ComponentChildren } from 'preact';
import { Icon } from '../../components/icon.tsx';
import { Menu, MenuItem, Popover } from '../../components/menu.tsx';
import { formatValue } from '../../components/value.tsx';
import { text } from '../../text/rules.ts';
import type { Aggregate, DraftLeaf, Operator, RateUnit } from './condition-draft.ts';
import { takes } from './condition-draft.ts';
import {
  comparedValue,
  hasRefinement,
  operatorsFor,
  REFINEMENTS,
  type Refinement,
  refinementsFor,
  withOperator,
  withParameter,
  withRefinement,
} from './leaf-edits.ts';
import type { ParameterChoice } from './parameter-choices.ts';
import { ParameterToken } from './parameter-token.tsx';
import { type Known, leafText, sideOf, unitOf } from './sentence.ts';
import { ChoiceToken, DurationToken, NumberToken, TypedToken } from './token.tsx';

interface SentenceProps {
  readonly leaf: DraftLeaf;
  readonly known: Known;
  readonly choices: readonly ParameterChoice[];
  /** Words that the API has found wrong. */
  readonly faulty: ReadonlySet<string>;
  readonly onLeaf: (leaf: DraftLeaf) => void;
}

type PartProps = SentenceProps & { readonly unit: string | null };

const Unit = ({ unit }: { unit: string | null }) => (unit ? <span class="soft">{unit}</span> : null);

const ON_OFF = [
  ['true', formatValue(true)],
  ['false', formatValue(false)],
] as const;

/** What it is compared with: a value, of the kind that the parameter has, or another parameter. */
const Compared = ({ leaf, known, choices, faulty, onLeaf, unit }: PartProps) => {
  const { value, other, parameter } = leaf;
  const isFaulty = faulty.has('value');
  if (other !== undefined) {
    return (
      <>
        {text.otherParameter}{' '}
        <ParameterToken
          token="value"
          label={text.otherLabel}
          isFaulty={isFaulty}
          choices={choices}
          current={other}
          onChoose={(name) => onLeaf({ ...leaf, other: name })}
        />
      </>
    );
  }
  if (known(parameter)?.kind === 'boolean' && leaf.aggregate === undefined) {
    return (
      <ChoiceToken
        token="value"
        label={text.toCompare}
        isFaulty={isFaulty}
        choices={ON_OFF}
        current={value === undefined ? undefined : value === true || value === 1 ? 'true' : 'false'}
        onChoose={(chosen) => onLeaf({ ...leaf, value: chosen === 'true' })}
      />
    );
  }
  if (takes.hysteresis(leaf.operator)) {
    const limit = typeof value === 'number' ? value : undefined;
    return (
      <>
        <NumberToken
          token="value"
          label={text.value}
          isFaulty={isFaulty}
          value={limit}
          onValue={(next) => onLeaf({ ...leaf, value: next })}
        />{' '}
        <Unit unit={unit} />
      </>
    );
  }
  return (
    <>
      <TypedToken
        token="value"
        label={text.toCompare}
        isFaulty={isFaulty}
        placeholder="0"
        value={value}
        format={String}
        parse={(typed) => comparedValue(typed, known(parameter))}
        onValue={(next) => onLeaf({ ...leaf, value: next })}
      />{' '}
      <Unit unit={unit} />
    </>
  );
};

const RATE_UNITS = Object.entries(text.rateUnits) as [RateUnit, string][];

const Rate = ({ leaf, faulty, onLeaf, unit }: PartProps) => (
  <>
    {text.byAtLeast}{' '}
    <NumberToken
      token="value"
      label={text.value}
      isFaulty={faulty.has('value')}
      value={typeof leaf.value === 'number' ? leaf.value : undefined}
      onValue={(value) => onLeaf({ ...leaf, value })}
    />{' '}
    <Unit unit={unit} /> {text.per}{' '}
    <ChoiceToken
      token="per"
      label={text.perLabel}
      isFaulty={faulty.has('per')}
      choices={RATE_UNITS}
      current={leaf.per}
      onChoose={(per) => onLeaf({ ...leaf, per })}
    />{' '}
    {text.measuredOver}{' '}
    <DurationToken
      token="span"
      label={text.measured}
      isFaulty={faulty.has('span')}
      value={leaf.span}
      onValue={(span) => onLeaf({ ...leaf, span })}
    />
  </>
);

const Range = ({ leaf, faulty, onLeaf, unit }: PartProps) => (
  <>
    <NumberToken
      token="low"
      label={text.low}
      isFaulty={faulty.has('low')}
      value={leaf.low}
      onValue={(low) => onLeaf({ ...leaf, low })}
    />{' '}
    {text.and}{' '}
    <NumberToken
      token="high"
      label={text.high}
      isFaulty={faulty.has('high')}
      value={leaf.high}
      onValue={(high) => onLeaf({ ...leaf, high })}
    />{' '}
    <Unit unit={unit} />
  </>
);

/** What comes after the operator. */
const Core = (props: PartProps) => {
  const { leaf, faulty, onLeaf } = props;
  const { operator } = leaf;
  if (operator === 'no_data') {
    return (
      <>
        {text.forTime}{' '}
        <DurationToken
          token="forSeconds"
          label={text.forLabel}
          isFaulty={faulty.has('forSeconds')}
          value={leaf.forSeconds}
          onValue={(forSeconds) => onLeaf({ ...leaf, forSeconds })}
        />
      </>
    );
  }
  if (operator === 'deviates') {
    const [before, after] = text.deviatesWords;
    return (
      <>
        {before}{' '}
        <NumberToken
          token="sigmas"
          label={text.sigmas}
          isFaulty={faulty.has('sigmas')}
          value={leaf.sigmas}
          onValue={(sigmas) => onLeaf({ ...leaf, sigmas })}
        />{' '}
        {after}
      </>
    );
  }
  if (operator === 'rate_of_change') return <Rate {...props} />;
  if (takes.range(operator)) return <Range {...props} />;
  return takes.value(operator) ? <Compared {...props} /> : null;
};

const AGGREGATES = Object.entries(text.aggregates) as [Aggregate, string][];

const Window = ({ leaf, faulty, onLeaf }: SentenceProps) => (
  <>
    ,{' '}
    <ChoiceToken
      token="aggregate"
      label={text.aggregate}
      isFaulty={faulty.has('aggregate')}
      choices={AGGREGATES}
      current={leaf.aggregate}
      onChoose={(aggregate) => onLeaf({ ...leaf, aggregate })}
    />{' '}
    {text.of}{' '}
    <DurationToken
      token="over"
      label={text.window}
      isFaulty={faulty.has('over')}
      value={leaf.over}
      onValue={(over) => onLeaf({ ...leaf, over })}
      onEmpty={() => onLeaf(withRefinement(leaf, 'aggregate', false))}
    />
    ,
  </>
);

/** What else is said of it: emptied, it is no longer said. */
const Rest = ({ leaf, faulty, onLeaf, unit }: PartProps) => {
  const drop = (refinement: Refinement) => () => onLeaf(withRefinement(leaf, refinement, false));
  const { times } = leaf;
  return (
    <>
      {hasRefinement(leaf, 'forSeconds') && (
        <>
          {' '}
          {text.forTime}{' '}
          <DurationToken
            token="forSeconds"
            label={text.forLabel}
            isFaulty={faulty.has('forSeconds')}
            value={leaf.forSeconds}
            unread={Number.NaN}
            onValue={(forSeconds) => forSeconds !== undefined && onLeaf({ ...leaf, forSeconds })}
            onEmpty={drop('forSeconds')}
          />
        </>
      )}
      {hasRefinement(leaf, 'hysteresis') && (
        <>
          , {text.until}{' '}
          <NumberToken
            token="hysteresis"
            label={text.hysteresis}
            isFaulty={faulty.has('hysteresis')}
            value={leaf.hysteresis}
            unread={Number.NaN}
            onValue={(hysteresis) => hysteresis !== undefined && onLeaf({ ...leaf, hysteresis })}
            onEmpty={drop('hysteresis')}
          />{' '}
          <Unit unit={unit} /> {sideOf(leaf.operator)}
        </>
      )}
      {hasRefinement(leaf, 'stays') && (
        <>
          {' '}
          {text.staysFor}{' '}
          <DurationToken
            token="stays"
            label={text.staysLabel}
            isFaulty={faulty.has('stays')}
            value={leaf.stays}
            unread={Number.NaN}
            onValue={(stays) => stays !== undefined && onLeaf({ ...leaf, stays })}
            onEmpty={drop('stays')}
          />
        </>
      )}
      {times !== undefined && (
        <>
          ,{' '}
          <NumberToken
            token="count"
            label={text.timesLabel}
            isFaulty={faulty.has('count')}
            value={times.count}
            onValue={(count) => onLeaf({ ...leaf, times: { ...times, count } })}
            onEmpty={drop('times')}
          />{' '}
          {text.times}{' '}
          <DurationToken
            token="within"
            label={text.timesWithin}
            isFaulty={faulty.has('within')}
            value={times.within}
            onValue={(within) => onLeaf({ ...leaf, times: { ...times, within } })}
          />
        </>
      )}
    </>
  );
};

/** To people, rising and falling are two things; to the API, one with a sign. */
const FALLS = 'falls';

/** A comparison as a sentence, every word of which can be changed. */
export const LeafSentence = (props: SentenceProps) => {
  const { leaf, known, choices, faulty, onLeaf } = props;
  const unit = unitOf(leaf, known);
  const offered = operatorsFor(known(leaf.parameter));
  const operators = offered.includes(leaf.operator) ? offered : [leaf.operator, ...offered];
  return (
    <div class="rl__sentence">
      <ParameterToken
        token="parameter"
        label={text.parameter}
        isFaulty={faulty.has('parameter')}
        choices={choices}
        current={leaf.parameter}
        onChoose={(name) => onLeaf(withParameter(leaf, name, known(name)))}
      />
      {hasRefinement(leaf, 'aggregate') && <Window {...props} />}{' '}
      <ChoiceToken<Operator | typeof FALLS>
        token="operator"
        label={text.operator}
        isFaulty={faulty.has('operator')}
        choices={operators.flatMap((operator) => [
          [operator, text.operators[operator]] as const,
          ...(operator === 'rate_of_change' ? [[FALLS, text.falls] as const] : []),
        ])}
        current={leaf.operator === 'rate_of_change' && leaf.isFall === true ? FALLS : leaf.operator}
        onChoose={(chosen) => {
          const isFall = chosen === FALLS;
          onLeaf({ ...withOperator(leaf, isFall ? 'rate_of_change' : chosen), isFall });
        }}
      />{' '}
      <Core {...props} unit={unit} />
      <Rest {...props} unit={unit} />
    </div>
  );
};

interface MoreProps {
  readonly leaf: DraftLeaf;
  readonly known: Known;
  readonly onLeaf: (leaf: DraftLeaf) => void;
  /** Something more is said: its word takes the focus. */
  readonly onFocus: (token: string) => void;
  readonly children: (run: (act: () => void) => () => void) => ComponentChildren;
}

/** The first word of each, which takes the focus. */
const TOKEN_OF: Readonly<Record<Refinement, string>> = {
  aggregate: 'aggregate',
  forSeconds: 'forSeconds',
  hysteresis: 'hysteresis',
  stays: 'stays',
  times: 'count',
};

/** What can be done with a comparison: more can be said of it, and then what the menu is given. */
export const LeafMenu = ({ leaf, known, onLeaf, onFocus, children }: MoreProps) => {
  const label = text.conditionMore(leafText(leaf, known));
  const offered = refinementsFor(leaf);
  const say = (refinement: Refinement) => {
    const isSaid = hasRefinement(leaf, refinement);
    onLeaf(withRefinement(leaf, refinement, !isSaid));
    onFocus(isSaid ? 'parameter' : TOKEN_OF[refinement]);
  };
  return (
    <Popover
      button={(attributes) => (
        <button
          type="button"
          {...attributes}
          class="btn btn--icon btn--quiet btn--sm"
          data-token="menu"
          aria-label={label}
          title={text.refine}
        >
          <Icon name="more" small />
        </button>
      )}
    >
      {(close) => {
        const run = (act: () => void) => () => {
          close();
          act();
        };
        return (
          <Menu label={label}>
            {REFINEMENTS.filter((refinement) => offered.includes(refinement)).map((refinement) => (
              <MenuItem key={refinement} onChoose={run(() => say(refinement))}>
                <Icon name={hasRefinement(leaf, refinement) ? 'close' : 'plus'} small />
                {hasRefinement(leaf, refinement) ? text.without[refinement] : text.refinements[refinement]}
              </MenuItem>
            ))}
            {takes.value(leaf.operator) && (
              <MenuItem
                onChoose={run(() => {
                  onLeaf({ ...leaf, other: leaf.other === undefined ? '' : undefined });
                  onFocus('value');
                })}
              >
                <Icon name="edit" small />
                {leaf.other === undefined ? text.refinements.other : text.refinements.value}
              </MenuItem>
            )}
            <hr />
            {children(run)}
          </Menu>
        );
      }}
    </Popover>
  );
};
