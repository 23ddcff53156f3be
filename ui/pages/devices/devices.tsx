import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import lazy from 'preact-iso/lazy';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Banner, Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Page } from '../../components/page.tsx';
import { SearchBox } from '../../components/search-box.tsx';
import { Segmented, Tabs } from '../../components/tabs.tsx';
import { formatCount, formatRate } from '../../format/number.ts';
import { tagsOf } from '../../format/tags.ts';
import { useQuery, withQuery } from '../../state/query.ts';
import { beginAnew, factory, may } from '../../state/session.ts';
import { summary } from '../../state/summary.ts';
import { text } from '../../text/devices.ts';
import { useAllDevices } from './all-devices.ts';
import {
  countsOf,
  FILTERS,
  filterOf,
  type ListedDevice,
  matching,
  OTHER_STANDINGS,
  otherStandingOf,
  sortOf,
  sortWord,
} from './device-list.ts';
import { DevicesTable } from './devices-table.tsx';
import { NoneYet } from './none-yet.tsx';

const OtherDevices = lazy(() => import('../first-run.ts').then((pages) => pages.OtherDevices, beginAnew));

/** The address follows what is typed at this distance: browsers refuse to change it with every key. */
const ADDRESS_AFTER_MS = 300;
const WORST_FIRST = 'state';

/**
 * A text that is typed: at once on the screen, soon in the address (`settle`: now), and from the address when one goes
 * back.
 */
function useTyped(name: string): [typed: string, type: (typed: string) => void, settle: () => void] {
  const { values, set } = useQuery();
  const inAddress = values[name] ?? '';
  const [typed, setTyped] = useState(inAddress);
  useLayoutEffect(() => setTyped(inAddress), [inAddress]);
  const settle = () => set({ [name]: typed }, { replace: true });
  useEffect(() => {
    if (typed === inAddress) return undefined;
    const timer = setTimeout(settle, ADDRESS_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return [typed, setTyped, settle];
}

const NoMatch = ({ typed, tag, clear }: { typed: string; tag: string; clear: () => void }) => (
  <Empty icon="search" title={text.noMatchTitle} action={<Button onClick={clear}>{text.clear}</Button>}>
    {typed !== '' ? text.noMatch(typed) : tag === '' ? text.noMatchState : text.noMatchTag(tag)}
  </Empty>
);

interface TagFilterProps {
  readonly tags: ReturnType<typeof tagsOf>;
  /** Empty: any, and none. */
  readonly tag: string;
  readonly onTag: (tag: string) => void;
}

/** Those of one tag, as rules apply to them; nothing where no device has one. */
const TagFilter = ({ tags, tag, onTag }: TagFilterProps) => {
  if (tags.length === 0 && tag === '') return null;
  const isKnown = tag === '' || tags.some(([known]) => known === tag);
  return (
    <select
      class="select dev__tag"
      aria-label={text.tag}
      value={tag}
      onChange={(event) => onTag(event.currentTarget.value)}
    >
      <option value="">{text.anyTag}</option>
      {(isKnown ? tags : [...tags, [tag, 0] as const]).map(([name, count]) => (
        <option key={name} value={name}>
          {text.tagged(name, formatCount(count))}
        </option>
      ))}
    </select>
  );
};

const DeviceList = ({ devices }: { devices: readonly ListedDevice[] }) => {
  const { values, set } = useQuery();
  const [typed, type, settle] = useTyped('q');
  const filter = filterOf(values.status);
  const tag = values.tag ?? '';
  const tags = useMemo(() => tagsOf(devices), [devices]);
  const tagged = useMemo(
    () => (tag === '' ? devices : devices.filter((one) => one.tags.includes(tag))),
    [devices, tag],
  );
  const counts = useMemo(() => countsOf(tagged), [tagged]);
  const shown = useMemo(() => matching(tagged, typed, filter), [tagged, typed, filter]);
  return (
    <>
      <div class="row row--wrap dev__tools">
        <Segmented
          label={text.filter}
          current={filter}
          onChoose={(status) => set({ status: status === 'all' ? undefined : status })}
          choices={FILTERS.map((id) => [
            id,
            <>
              {text.filters[id]} <span class="badge">{formatCount(counts[id])}</span>
            </>,
          ])}
        />
        <span class="dev__q">
          <SearchBox label={text.searchLabel} placeholder={text.search} value={typed} onInput={type} onLeave={settle} />
        </span>
        <TagFilter tags={tags} tag={tag} onTag={(chosen) => set({ tag: chosen })} />
        <span class="small muted" role="status">
          {shown.length < devices.length && text.shown(formatCount(shown.length), formatCount(devices.length))}
        </span>
      </div>
      <section class="panel" aria-label={text.title}>
        {shown.length === 0 ? (
          <NoMatch
            typed={typed}
            tag={tag}
            clear={() => {
              type('');
              set({ q: undefined, status: undefined, tag: undefined });
            }}
          />
        ) : (
          <DevicesTable
            devices={shown}
            sort={sortOf(values.sort ?? WORST_FIRST)}
            onSort={(sort) => set({ sort: sortWord(sort) === WORST_FIRST ? undefined : sortWord(sort) })}
          />
        )}
      </section>
    </>
  );
};

const Loading = ({ progress }: { progress: number }) => (
  <section class="panel">
    <div class="panel__body">
      <Skeleton lines={8} height="1.5rem" />
      {progress > 0 && <p class="small muted">{text.loaded(formatCount(progress))}</p>}
    </div>
  </section>
);

const Sub = ({ count }: { count: number }) => {
  const rate = summary.value?.messages_per_second;
  return (
    <>
      {text.sub(formatCount(count), factory.value?.name ?? '')}
      {rate !== undefined && `, ${text.messages(formatRate(rate))}`}
    </>
  );
};

/** Those that take part, and for whom it concerns those that do not. */
const StandingTabs = ({ current }: { current: string }) => (
  <Tabs
    label={text.standing}
    current={current}
    hrefOf={(id) => withQuery('/devices', { standing: id === 'active' ? undefined : id })}
    tabs={(['active', ...OTHER_STANDINGS] as const).map((id) => ({
      id,
      label: text.standings[id],
      count: (id === 'pending' && summary.value?.devices.pending) || undefined,
    }))}
  />
);

/** That devices wait, where they are not looked at already. */
const WaitingBanner = () => {
  const count = summary.value?.devices.pending ?? 0;
  if (count === 0) return null;
  return (
    <Banner
      action={
        <ButtonLink small href="/devices?standing=pending">
          {count === 1 ? text.look : text.lookAtAll}
        </ButtonLink>
      }
    >
      {text.wait(count)}
    </Banner>
  );
};

const InUse = ({ all: { devices, error, reload, progress } }: { all: ReturnType<typeof useAllDevices> }) => {
  if (devices === undefined) {
    return error === undefined ? <Loading progress={progress} /> : <Failed error={error} retry={reload} />;
  }
  return devices.length > 0 ? (
    <DeviceList devices={devices} />
  ) : (
    <section class="panel" aria-label={text.title}>
      <NoneYet />
    </section>
  );
};

/** All devices of the factory, worst first. */
export const Devices = () => {
  const all = useAllDevices();
  const { values } = useQuery();
  const isKeeper = may('devices');
  const other = isKeeper ? otherStandingOf(values.standing) : undefined;
  const count = all.devices?.length ?? 0;
  return (
    <Page
      title={text.title}
      sub={count > 0 && <Sub count={count} />}
      actions={
        (count > 0 || other !== undefined) &&
        isKeeper && (
          <ButtonLink look="primary" icon="plus" href="/connect">
            {text.connect}
          </ButtonLink>
        )
      }
    >
      {isKeeper && <StandingTabs current={other ?? 'active'} />}
      {isKeeper && other === undefined && <WaitingBanner />}
      {other === undefined ? <InUse all={all} /> : <OtherDevices />}
    </Page>
  );
};
