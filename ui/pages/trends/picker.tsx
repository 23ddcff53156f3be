import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Device, Parameter } from '../../api/schema.ts';
import { colourOf, type PlacedSeries } from '../../charts/trend-series.ts';
import { Button } from '../../components/button.tsx';
import { Skeleton } from '../../components/feedback.tsx';
import { Icon } from '../../components/icon.tsx';
import { shownUnit } from '../../components/parameter-value.tsx';
import { SearchBox } from '../../components/search-box.tsx';
import { text } from '../../text/trends.ts';
import type { Directory } from './directory.ts';
import { candidates, MAX_LISTED, MAX_SEARCHED, matching, wordsOf } from './search.ts';
import { type Chosen, MAX_SERIES } from './selection.ts';

interface PickerProps {
  readonly directory: Directory;
  readonly devices: readonly Device[];
  readonly chosen: readonly Chosen[];
  /** What of it is drawn, with its colours. */
  readonly drawn: readonly PlacedSeries[];
  readonly onChoose: (chosen: readonly Chosen[]) => void;
}

type GroupProps = PickerProps & {
  readonly device: Device;
  readonly words: readonly string[];
  readonly isOpen: boolean;
  readonly onToggle: () => void;
};

const Line = ({
  device,
  parameter,
  chosen,
  drawn,
  onChoose,
}: Omit<GroupProps, 'words' | 'isOpen' | 'onToggle'> & { parameter: Parameter }) => {
  const place = chosen.findIndex((one) => one.deviceKey === device.key && one.parameter === parameter.name);
  const isOn = place >= 0;
  const toggle = () =>
    onChoose(
      isOn ? chosen.filter((_, at) => at !== place) : [...chosen, { deviceKey: device.key, parameter: parameter.name }],
    );
  const series = drawn.find((one) => one.deviceId === device.id && one.parameter === parameter.name);
  const swatch = series === undefined ? undefined : colourOf(series);
  return (
    <li>
      <label>
        <input
          type="checkbox"
          class="check"
          checked={isOn}
          disabled={!isOn && chosen.length >= MAX_SERIES}
          style={swatch === undefined ? {} : { background: swatch, borderColor: swatch }}
          onChange={toggle}
        />
        <span class="clip" title={parameter.name}>
          {parameter.display_name || parameter.name}
        </span>
        <span class="muted small">{shownUnit(parameter)}</span>
      </label>
    </li>
  );
};

const Group = (props: GroupProps) => {
  const { directory, device, words, chosen, isOpen, onToggle } = props;
  const parameters = directory.parametersOf(device);
  useEffect(() => {
    if (isOpen) directory.want([device]);
  }, [isOpen, directory]);
  const shown = parameters === undefined ? undefined : matching(device, parameters, words);
  if (words.length > 0 && shown?.length === 0) return null;
  const picked = chosen.filter(({ deviceKey }) => deviceKey === device.key).length;
  return (
    <details open={isOpen}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a summary is a button; only its state is kept here */}
      <summary
        onClick={(event) => {
          event.preventDefault();
          onToggle();
        }}
      >
        <Icon name="right" small />
        <span class="grow clip">{device.name || device.key}</span>
        {picked > 0 && <span class="badge">{picked}</span>}
      </summary>
      {isOpen && shown === undefined && <Skeleton lines={3} />}
      {isOpen && shown?.length === 0 && <p class="tr__note">{text.noParameters}</p>}
      {isOpen && shown !== undefined && (
        <ul>
          {shown.map((parameter) => (
            <Line key={parameter.name} {...props} parameter={parameter} />
          ))}
        </ul>
      )}
    </details>
  );
};

/** All parameters of all devices, to be ticked. Those of a device are fetched when it is opened, or searched. */
export const Picker = (props: PickerProps) => {
  const { directory, devices, chosen, onChoose } = props;
  const [search, setSearch] = useState('');
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const words = wordsOf(search);
  const isSearching = words.length > 0;
  const found = candidates(devices, words);
  const searched = isSearching ? found.slice(0, MAX_SEARCHED) : [];
  useEffect(() => directory.want(searched), [search, directory]);

  // Those that the page was opened with stand first; what is ticked later stays where it is, under the pointer.
  const first = useMemo(() => new Set(chosen.map(({ deviceKey }) => deviceKey)), []);
  const isPicked = ({ key }: Device) => first.has(key);
  const inOrder = isSearching ? searched : [...found.filter(isPicked), ...found.filter((device) => !isPicked(device))];
  const listed = inOrder.slice(0, MAX_LISTED);
  const isOpen = (device: Device) =>
    toggled.get(device.id) ?? (isSearching || isPicked(device) || devices.length === 1);
  const rest = isSearching ? 0 : found.length - listed.length;
  const isNothing =
    isSearching &&
    listed.every((device) => {
      const parameters = directory.parametersOf(device);
      return parameters !== undefined && matching(device, parameters, words).length === 0;
    });

  return (
    <aside class="panel tr__pick" aria-label={text.parameters}>
      <div class="tr__q row">
        <SearchBox
          label={text.search}
          value={search}
          onInput={(value) => {
            setSearch(value);
            setToggled(new Map());
          }}
        />
      </div>
      {chosen.length > 0 && (
        <div class="tr__chosen row row--between">
          <span>{chosen.length >= MAX_SERIES ? text.tooMany(MAX_SERIES) : text.chosen(chosen.length)}</span>
          <Button small look="quiet" onClick={() => onChoose([])}>
            {text.clear}
          </Button>
        </div>
      )}
      <div class="tr__list">
        {listed.map((device) => (
          <Group
            key={device.id}
            {...props}
            device={device}
            words={words}
            isOpen={isOpen(device)}
            onToggle={() => setToggled(new Map(toggled).set(device.id, !isOpen(device)))}
          />
        ))}
        {isNothing && <p class="tr__note">{text.nothingFound}</p>}
        {rest > 0 && <p class="tr__note">{text.narrow(rest)}</p>}
        {isSearching && found.length > searched.length && <p class="tr__note">{text.searchedSome(searched.length)}</p>}
      </div>
    </aside>
  );
};
