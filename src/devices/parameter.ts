import type { SeriesKind } from '../historian/historian.ts';

/** A parameter of a device and how people want to see it. */
export interface Parameter {
  readonly name: string;
  readonly kind: SeriesKind;
  /** The series it writes to; 0 after its kind was reset, until its next value. */
  readonly seriesId: number;
  readonly displayName: string | null;
  readonly unit: string | null;
  readonly decimals: number | null;
  readonly lowLimit: number | null;
  readonly highLimit: number | null;
  readonly isKpi: boolean;
}

export const PARAMETER_COLUMNS = `name, kind, series_id as seriesId, display_name as displayName, unit, decimals,
  low_limit as lowLimit, high_limit as highLimit, is_kpi as isKpi`;

/** A row of `PARAMETER_COLUMNS`. */
export type ParameterRow = Omit<Parameter, 'isKpi'> & { isKpi: number };

export const parameterOf = (row: ParameterRow): Parameter => ({ ...row, isKpi: row.isKpi === 1 });
