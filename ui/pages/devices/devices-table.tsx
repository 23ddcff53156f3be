import { useEffect, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { Sort } from '../../components/sort-rows.ts';
import { type Column, Table } from '../../components/table.tsx';
import { formatCount } from '../../format/number.ts';
import { text } from '../../text/devices.ts';
import { CourseCell, LastSeenCell, NameCell, StateCell, ValuesCell } from './cells.tsx';
import { type ListedDevice, rankOf } from './device-list.ts';
import { followCourses } from './sparklines.ts';

const COLUMNS: readonly Column<ListedDevice>[] = [
  {
    id: 'state',
    label: text.state,
    sortBy: rankOf,
    cell: (device) => <StateCell device={device} />,
    class: 'dev__state',
  },
  {
    id: 'name',
    label: text.device,
    sortBy: ({ name }) => name,
    cell: (device) => <NameCell device={device} />,
    class: 'dev__device',
  },
  {
    id: 'seen',
    label: text.lastSeen,
    isNumeric: true,
    // Age, so that the first click brings those heard of last to the top.
    sortBy: ({ seenAt }) => (seenAt === null ? null : -seenAt),
    cell: (device) => <LastSeenCell device={device} />,
    class: 'dev__seen',
  },
  {
    id: 'parameters',
    label: text.parameters,
    isNumeric: true,
    sortBy: ({ parameters_count }) => parameters_count,
    cell: ({ parameters_count }) => formatCount(parameters_count),
    class: 'dev__count',
  },
  { id: 'values', label: text.values, cell: (device) => <ValuesCell device={device} />, class: 'dev__values' },
  { id: 'hour', label: text.lastHour, cell: (device) => <CourseCell device={device} />, class: 'dev__hour' },
];

interface DevicesTableProps {
  readonly devices: readonly ListedDevice[];
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
}

/** The list itself. A row opens the device. */
export const DevicesTable = ({ devices, sort, onSort }: DevicesTableProps) => {
  const { route } = useLocation();
  const courses = useRef<ReturnType<typeof followCourses>>(undefined);
  useEffect(() => () => courses.current?.stop(), []);
  return (
    <Table
      class="table--fixed dev"
      label={text.title}
      columns={COLUMNS}
      rows={devices}
      keyOf={({ id }) => id}
      sort={sort}
      onSort={onSort}
      onOpen={({ id }) => route(`/devices/${id}`)}
      onShown={(shown) => {
        courses.current ??= followCourses();
        courses.current.want(shown.map(({ id }) => id));
      }}
    />
  );
};
