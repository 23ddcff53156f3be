import { type Conversion, converted } from '../format/units.ts';
import type { Track } from './track.ts';

interface Known {
  readonly conversion: Conversion;
  /** Of the tracks, and what tells that one has grown before they are drawn anew. */
  readonly version: number;
  readonly length: number;
  readonly last: number | undefined;
  readonly track: Track;
}

/**
 * Tracks in the units in which they are shown, made anew when `version` changes or they have grown. Times, counts and states
 * are those of the track itself: they have no unit.
 */
export function createShownTracks(): (track: Track, conversion: Conversion | undefined, version: number) => Track {
  const known = new WeakMap<Track, Known>();
  return (track, conversion, version) => {
    if (conversion === undefined) return track;
    const { length } = track.t;
    const last = track.t[length - 1];
    const before = known.get(track);
    // By their units, as a series that is made anew brings the same conversion as another object.
    const isSame = before?.conversion.unit === conversion.unit && before.conversion.scale === conversion.scale;
    if (isSame && before.version === version && before.length === length && before.last === last) return before.track;
    const shown = (values: readonly number[]) => values.map((value) => converted(value, conversion));
    const made = { ...track, y: shown(track.y), low: shown(track.low), high: shown(track.high) };
    known.set(track, { conversion, version, length, last, track: made });
    return made;
  };
}
