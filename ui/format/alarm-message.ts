/** A message in two: what is wrong, which is cut first where there is no room, and what was seen. */
export function messageParts(alarm: { message: string; rule_name: string }): readonly [what: string, seen: string] {
  const what = `${alarm.rule_name}:`;
  return alarm.message.startsWith(`${what} `) ? [what, alarm.message.slice(what.length)] : [alarm.message, ''];
}
