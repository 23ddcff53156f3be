/** Where the time is before the one of the sample before. */
export const backsOf = (times: readonly number[]): number[] =>
  times.flatMap((time, place) => (time < (times[place - 1] ?? time) ? [place] : []));
