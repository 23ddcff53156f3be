/** Which devices a rule is for: by id or by tag; both empty: all. */
export interface Selection {
  readonly deviceIds: readonly string[];
  readonly tags: readonly string[];
}

/** Whether a rule is for a device. */
export function appliesTo(
  { deviceIds, tags }: Selection,
  device: { readonly id: string; readonly tags: readonly string[] },
): boolean {
  if (deviceIds.length === 0 && tags.length === 0) return true;
  return deviceIds.includes(device.id) || device.tags.some((tag) => tags.includes(tag));
}
